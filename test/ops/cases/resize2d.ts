import type { OperatorAttributes } from '../../../src/operators';
import { type Shape, Tensor } from '../../../src/tensor';
import type { KernelCase } from '../../support/kernel-case';

type Resize = OperatorAttributes['resize2d'];

const MODES = ['nearest', 'linear', 'cubic'] as const;
const COORDINATES = ['half-pixel', 'align-corners', 'asymmetric', 'pytorch-half-pixel'] as const;
const ROUNDINGS = ['round-prefer-floor', 'round-prefer-ceil', 'floor', 'ceil'] as const;

function resize(
  name: string,
  input: Shape | Tensor,
  size: Resize['size'],
  attributes: Partial<Resize> = {},
): KernelCase<'resize2d'> {
  const { shape } = input instanceof Tensor ? input : { shape: input };
  return {
    name,
    op: 'resize2d',
    attributes: {
      mode: 'linear',
      coordinates: 'half-pixel',
      rounding: 'round-prefer-floor',
      size,
      scale: [size[0] / shape[2], size[1] / shape[3]],
      cubicA: -0.75,
      ...attributes,
    },
    inputs: [input],
  };
}

export const cases: readonly KernelCase<'resize2d'>[] = [
  ...MODES.flatMap((mode) =>
    COORDINATES.flatMap((coordinates) => [
      resize(`${mode}, ${coordinates}: larger`, [2, 6, 5, 7], [11, 9], { mode, coordinates }),
      resize(`${mode}, ${coordinates}: smaller`, [1, 5, 11, 9], [4, 5], { mode, coordinates }),
      resize(`${mode}, ${coordinates}: to one pixel`, [1, 4, 5, 6], [1, 1], { mode, coordinates }),
    ]),
  ),
  ...COORDINATES.flatMap((coordinates) =>
    ROUNDINGS.map((rounding) =>
      resize(`nearest, ${coordinates}, ${rounding}`, [1, 3, 5, 6], [8, 3], { mode: 'nearest', coordinates, rounding }),
    ),
  ),
  resize('from one pixel', [1, 3, 1, 1], [4, 5]),
  resize('to its own size', [1, 3, 4, 5], [4, 5], { mode: 'cubic' }),
  resize('with a scale that float32 cannot hold', [1, 4, 10, 10], [6, 6], {
    mode: 'nearest',
    coordinates: 'asymmetric',
    rounding: 'floor',
    scale: [0.6, 0.6],
  }),
  resize('with another cubic coefficient', [1, 4, 5, 6], [9, 8], { mode: 'cubic', cubicA: -0.5 }),
  resize('nearest keeps NaN and infinity', Tensor.float32([1, 1, 1, 3], [Number.NaN, Infinity, -1]), [2, 6], {
    mode: 'nearest',
  }),
  { ...resize('more rows than one dimension of the grid takes', [3, 5, 4, 4], [9, 7]), workgroupLimit: 6 },
];
