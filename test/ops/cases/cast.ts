import type { OperatorAttributes } from '../../../src/operators';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { sequence } from '../../support/tensors';

const cast = (
  name: string,
  input: Shape | Tensor,
  to: OperatorAttributes['cast']['to'],
  rest: Partial<KernelCase<'cast'>> = {},
): KernelCase<'cast'> => ({ name: `${name} to ${to}`, op: 'cast', attributes: { to }, inputs: [input], ...rest });

const { NaN: nan } = Number;
const tricky = Tensor.float32([11], [nan, Infinity, -Infinity, 3e9, -3e9, 1.9, -1.9, 0, -0, 0.3, 2147483520]);
const integers = Tensor.int32([5], [0, -7, 2 ** 24 + 1, 2 ** 31 - 1, -(2 ** 31)]);

export const cases: readonly KernelCase<'cast'>[] = [
  cast('NaN, infinities and fractions', tricky, 'int32'),
  cast('NaN, infinities and fractions', tricky, 'bool'),
  cast('float32', tricky, 'float32'),
  cast('int32', integers, 'float32'),
  cast('int32', integers, 'bool'),
  cast('int32', integers, 'int32'),
  cast('bool', sequence([7], 'bool'), 'float32'),
  cast('bool', sequence([7], 'bool'), 'int32'),
  cast('an image whose channels are no multiple of 4', sequence([2, 6, 3, 5]), 'int32'),
  cast('an int32 image', sequence([2, 6, 3, 5], 'int32'), 'float32'),
  cast('a scalar', [], 'bool'),
  cast('more vec4s than one dimension of the grid takes', sequence([43, 41]), 'int32', { workgroupLimit: 6 }),
];
