import { Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const layerNorm = (
  name: string,
  x: readonly number[] | Tensor,
  axis: number,
  extra: Partial<KernelCase<'layer-norm'>> = {},
): KernelCase<'layer-norm'> => {
  const shape = (x instanceof Tensor ? x.shape : x).slice(axis);
  return { name, op: 'layer-norm', attributes: { axis, epsilon: 1e-5 }, inputs: [x, shape, shape], ...extra };
};

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

export const cases: readonly KernelCase[] = [
  layerNorm('over the last of three axes', [2, 5, 13], 2),
  layerNorm('over the last two of three axes', [3, 5, 7], 1),
  layerNorm('over a whole vector', [37], 0),
  layerNorm('over long rows', [3, 770], 1),
  layerNorm('over all but the first axis of a picture', [2, 5, 3, 7], 1),
  layerNorm('over the last of five axes', [2, 1, 3, 2, 9], 4),
  layerNorm('rows of length 1 become the bias', [5, 1], 1),
  layerNorm('equal values become the bias', Tensor.float32([2, 3], [7, 7, 7, -1e4, -1e4, -1e4]), 1),
  layerNorm('small differences beside a large mean', new Random(6).tensor([4, 33], 4096, 4098), 1, {
    tolerance: 4097 * 2 ** -22,
    reason: 'the mean is rounded to 2⁻²³ of 4,097, which is that much of differences of about 1',
  }),
  layerNorm('scale and bias that are not constants', [4, 11], 1, { constants: [] }),
  layerNorm('NaN and infinity', Tensor.float32([3, 3], [1, nan, 2, 1, inf, 2, 1, 2, 4]), 1),
  layerNorm("more rows than one dimension's workgroups", [1001, 33], 1, { workgroupLimit: 40 }),
  layerNorm("more rows of an invocation each than one dimension's workgroups", [1001, 33], 1, { workgroupLimit: 5 }),
];
