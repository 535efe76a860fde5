import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

const REDUCTIONS = ['none', 'add', 'mul', 'max', 'min'] as const;

const scatter = (
  name: string,
  x: Shape | Tensor,
  indices: Tensor,
  updates: Shape | Tensor,
  reduction: KernelCase<'scatter'>['attributes']['reduction'] = 'none',
): KernelCase<'scatter'> => ({ name, op: 'scatter', attributes: { reduction }, inputs: [x, indices, updates] });

/** Rows of which some come several times, others never. */
const rows = (count: number, below: number): Tensor =>
  Tensor.int32([count], new Random(2).tensor([count], 0, below).data.map(Math.floor));

const integers = (shape: Shape, seed: number): Tensor =>
  Tensor.int32(shape, new Random(seed).tensor(shape, -2e9, 2e9).data.map(Math.round));

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

export const cases: readonly KernelCase<'scatter'>[] = [
  ...REDUCTIONS.flatMap((reduction) => [
    scatter(`${reduction}: rows that come several times`, [7, 3, 5], rows(19, 7), [19, 3, 5], reduction),
    scatter(`${reduction}: single elements, many of them`, [301], rows(170, 301), [170], reduction),
    scatter(`${reduction}: int32`, integers([9, 2], 4), rows(14, 9), integers([14, 2], 5), reduction),
    scatter(
      `${reduction}: NaN and infinity`,
      Tensor.float32([6], [nan, 1, -inf, inf, 5, nan]),
      Tensor.int32([8], [0, 1, 2, 3, 1, 4, 5, 4]),
      Tensor.float32([8], [2, nan, 1, -3, 4, inf, nan, -1]),
      reduction,
    ),
  ]),
  scatter('every update to the same row', [4, 6], Tensor.int32([70]), [70, 6], 'add'),
  scatter('rows outside are ignored', [5, 2], Tensor.int32([6], [-1, 5, 4, 99, -(2 ** 31), 0]), [6, 2]),
  scatter('nothing', [5, 2], Tensor.int32([0]), [0, 2]),
  scatter('into one row', [1, 9], Tensor.int32([2], [0, 0]), [2, 9]),
  scatter('bool', Tensor.bool([4], [0, 1, 0, 1]), Tensor.int32([2], [3, 0]), Tensor.bool([2], [0, 1])),
  { ...scatter("more elements than one dimension's workgroups", [43, 41], rows(90, 43), [90, 41]), workgroupLimit: 6 },
];
