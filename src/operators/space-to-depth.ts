import { check, checkPositive, checkRank } from './checks';
import { defineOperator } from './operator';

export const spaceToDepth = defineOperator<{ readonly blockSize: number }>({
  arity: 1,
  anyType: true,
  infer([x], { blockSize }) {
    checkRank(x.shape, 4, 'input');
    const [n, c, h, w] = x.shape;
    checkPositive([blockSize], 'block size');
    check(
      h % blockSize === 0 && w % blockSize === 0,
      `height ${h} and width ${w} must be multiples of block size ${blockSize}`,
    );
    return [{ shape: [n, c * blockSize ** 2, h / blockSize, w / blockSize], dtype: x.dtype }];
  },
});
