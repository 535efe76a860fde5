import type { OperatorAttributes } from '../../../src/operators';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';
import { Random } from '../../support/random';

type GridSample = OperatorAttributes['grid-sample'];

const MODES = ['nearest', 'linear', 'cubic'] as const;
const PADDINGS = ['zeros', 'border', 'reflection'] as const;

const sample = (
  name: string,
  x: Shape | Tensor,
  grid: Tensor,
  attributes: Partial<GridSample> = {},
): KernelCase<'grid-sample'> => ({
  name,
  op: 'grid-sample',
  attributes: { mode: 'linear', padding: 'zeros', alignCorners: false, ...attributes },
  inputs: [x, grid],
});

/** Points all over the picture and beyond its edges. */
const points = (batch: number, height: number, width: number, reach = 1.7): Tensor<'float32'> =>
  new Random(21).tensor([batch, height, width, 2], -reach, reach);

/** The grid that samples every `step`-th pixel of a picture at its centre, `offset` pixels further. */
function centres(height: number, width: number, offset = 0): Tensor<'float32'> {
  const grid = Tensor.float32([1, height, width, 2]);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      grid.data.set([(2 * (j + offset) + 1) / width - 1, (2 * (i + offset) + 1) / height - 1], (i * width + j) * 2);
    }
  }
  return grid;
}

/** A coordinate of up to 30 pixels is rounded to 2⁻²⁰ of one, a few times over. */
const FAR = { tolerance: 2 ** -16, reason: 'rounding of far coordinates, times the slope of 16 cubic weights' };

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const beyond = Tensor.float32([1, 2, 4, 2], [nan, 0, 0, nan, inf, 0, 0, -inf, 3e38, -3e38, nan, nan, 1e5, 0, 0, -7e9]);

export const cases: readonly KernelCase[] = [
  ...MODES.flatMap((mode) =>
    PADDINGS.flatMap((padding) =>
      [false, true].flatMap((alignCorners) => {
        const attributes = { mode, padding, alignCorners };
        const words = `${mode}, ${padding}${alignCorners ? ', aligned corners' : ''}`;
        return [
          sample(`${words}: a batch, channels no multiple of 4`, [2, 6, 5, 7], points(2, 6, 9), attributes),
          { ...sample(`${words}: far outside`, [1, 3, 4, 6], points(1, 5, 5, 9), attributes), ...FAR },
          sample(`${words}: from one pixel`, [1, 5, 1, 1], points(1, 3, 4), attributes),
          sample(`${words}: to one pixel`, [1, 9, 6, 4], points(1, 1, 1), attributes),
        ];
      }),
    ),
  ),
  ...MODES.flatMap((mode) =>
    PADDINGS.map((padding) =>
      sample(`${mode}, ${padding}: NaN, infinity and large coordinates`, [1, 3, 4, 8], beyond, { mode, padding }),
    ),
  ),
  ...MODES.map((mode) => sample(`${mode}: at the centres of pixels`, [1, 4, 8, 16], centres(8, 16), { mode })),
  sample('nearest: half-way between pixels, to the even one', [1, 4, 8, 16], centres(8, 16, 0.5), { mode: 'nearest' }),
  sample('keeps NaN and infinity', Tensor.float32([1, 1, 2, 2], [nan, inf, -1, -inf]), centres(2, 2), {
    mode: 'nearest',
  }),
  sample('a picture of many channels', [1, 70, 9, 8], points(1, 7, 6)),
  { ...sample('more rows than one dimension of the grid takes', [3, 5, 4, 4], points(3, 9, 7)), workgroupLimit: 6 },
];
