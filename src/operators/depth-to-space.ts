import { check, checkPositive, checkRank } from './checks';
import { defineOperator, type Words } from './operator';

const words = { mode: ['dcr', 'crd'] } as const;

interface DepthToSpaceAttributes extends Words<typeof words> {
  readonly blockSize: number;
}

export const depthToSpace = defineOperator<DepthToSpaceAttributes>({
  arity: 1,
  anyType: true,
  words,
  infer([x], { blockSize }) {
    checkRank(x.shape, 4, 'input');
    const [n, c, h, w] = x.shape;
    checkPositive([blockSize], 'block size');
    check(c % blockSize ** 2 === 0, `channels ${c} must be a multiple of block size² ${blockSize ** 2}`);
    return [{ shape: [n, c / blockSize ** 2, h * blockSize, w * blockSize], dtype: x.dtype }];
  },
});
