import { samePixel } from './checks';
import { defineOperator, type Words } from './operator';

const words = { to: ['float32', 'int32', 'bool'] } as const;

export const cast = defineOperator<Words<typeof words>>({
  arity: 1,
  anyType: true,
  words,
  infer: ([{ shape }], { to }) => [{ shape, dtype: to }],
  receptiveField: (_, [x], y) => samePixel(x, y),
});
