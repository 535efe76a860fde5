import type { OperatorAttributes } from '../../../operators';
import { text } from '../../../operators/checks';
import type { Pair } from '../../../operators/window';
import { type Shape, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { inFloat, inSteps } from './arithmetic';
import { alongAxis } from './matrix';
import { type AxisResize, type Interpolation, interpolationMatrix } from './resize-matrix';

type Resize2d = OperatorAttributes['resize2d'];

/** `Resize` from opset 11 on: inputs x, roi, scales, sizes. */
function resize(node: NodeContext): Value {
  if (node.opset < 11) return resizeByScales(node);
  const input = node.input(0);
  const how = interpolationOf(node);
  // Between steps of eight bits lie halves of steps, which rounding must meet exactly: they are resized before their size
  // is multiplied in. Pixels outside are a number that is no step.
  if (input.steps && how.coordinates !== 'tf-crop-and-resize') {
    const { whole, scale } = input.steps;
    const resized = resizeAxes(node, whole, how, axisSizes(node, whole));
    return { ...inSteps(node, resized, scale), type: input.type };
  }
  return inFloat(node, input, (x) => resizeAxes(node, x, how, axisSizes(node, x)));
}

/** An input since opset 9, an attribute before, two attributes before opset 7. */
function scalesOf(node: NodeContext): readonly number[] | undefined {
  if (node.opset >= 9) return node.numbers(node.input(1), 'scales');
  return node.opset < 7 ? [1, 1, node.float('height_scale', 0), node.float('width_scale', 0)] : node.floats('scales');
}

/** `Upsample`, and `Resize` of opset 10: they have scales only, and divide coordinates by them. */
function resizeByScales(node: NodeContext): Value {
  const mode = node.choice('mode', 'nearest', { nearest: 'nearest', linear: 'linear', bilinear: 'linear' } as const);
  return inFloat(node, node.input(0), (x) => {
    const scales = scalesOf(node);
    const axes = x.shape.map((_, axis) => axis);
    const sizes = byScale(node, x.shape, axes, scales ?? node.malformed('scales are missing'));
    const interpolation: Interpolation = {
      mode,
      coordinates: 'asymmetric',
      // Older versions do not define the rounding. ONNX Runtime rounds down when it enlarges, and up when it shrinks.
      rounding: sizes.some(({ scale }) => scale < 1) ? 'ceil' : 'floor',
      cubicA: -0.75,
      antialias: false,
      excludeOutside: false,
      extrapolation: 0,
    };
    return resizeAxes(node, x, interpolation, sizes);
  });
}

const MODES = { nearest: 'nearest', linear: 'linear', cubic: 'cubic' } as const;

const COORDINATES = {
  half_pixel: 'half-pixel',
  half_pixel_symmetric: 'half-pixel-symmetric',
  pytorch_half_pixel: 'pytorch-half-pixel',
  align_corners: 'align-corners',
  asymmetric: 'asymmetric',
  tf_crop_and_resize: 'tf-crop-and-resize',
  tf_half_pixel_for_nn: 'tf-half-pixel-for-nn',
} as const;

const ROUNDINGS = {
  round_prefer_floor: 'round-prefer-floor',
  round_prefer_ceil: 'round-prefer-ceil',
  floor: 'floor',
  ceil: 'ceil',
} as const;

function interpolationOf(node: NodeContext): Interpolation {
  return {
    mode: node.choice('mode', 'nearest', MODES),
    coordinates: coordinatesOf(node),
    rounding: node.choice('nearest_mode', 'round_prefer_floor', ROUNDINGS),
    cubicA: node.float('cubic_coeff_a', -0.75),
    antialias: node.flag('antialias'),
    excludeOutside: node.flag('exclude_outside'),
    extrapolation: node.float('extrapolation_value', 0),
  };
}

const coordinatesOf = (node: NodeContext): Interpolation['coordinates'] =>
  node.choice('coordinate_transformation_mode', 'half_pixel', COORDINATES);

/** The new length of each axis, from `sizes` or `scales`. Since opset 18 these may cover only some axes. */
function axisSizes(node: NodeContext, x: Value): AxisResize[] {
  const rank = x.shape.length;
  const axes = node.axes(node.ints('axes') ?? x.shape.map((_, axis) => axis), rank);
  const given = (index: number): Value | undefined => {
    const input = node.optional(index);
    return input && input.shape[0] !== 0 ? input : undefined;
  };
  const [roi, scales, sizes] = [given(1), given(2), given(3)];
  // Exporters write it beside scales, too, where it says nothing.
  const policy = node.choice('keep_aspect_ratio_policy', 'stretch', POLICIES);
  const resized = sizes
    ? bySize(node, x.shape, axes, node.integers(sizes, 'sizes'), policy)
    : byScale(
        node,
        x.shape,
        axes,
        scales ? node.numbers(scales, 'scales') : node.malformed('scales and sizes are missing'),
      );
  if (!roi || coordinatesOf(node) !== 'tf-crop-and-resize') return resized;
  const corners = node.numbers(roi, 'roi');
  if (corners.length !== 2 * axes.length) node.malformed(`roi has ${corners.length} entries for ${axes.length} axes`);
  return resized.map((axis) => {
    const i = axes.indexOf(axis.axis);
    return { ...axis, roi: [corners[i], corners[i + axes.length]] };
  });
}

function byScale(node: NodeContext, shape: Shape, axes: readonly number[], scales: readonly number[]): AxisResize[] {
  if (scales.length !== axes.length || !scales.every((scale) => scale > 0 && scale < Infinity)) {
    node.malformed(`scales ${text(scales)} must be ${axes.length} positive numbers`);
  }
  return axes.map((axis, i) => ({
    axis,
    input: shape[axis],
    // In float32, as ONNX infers it: ten pixels by 1.3 are thirteen.
    output: Math.floor(Math.fround(shape[axis] * scales[i])),
    scale: scales[i],
  }));
}

/** How to choose one scale for all axes, so that the picture fits into the given size or covers it. */
const POLICIES = { stretch: undefined, not_larger: Math.min, not_smaller: Math.max };
type Policy = (typeof POLICIES)[keyof typeof POLICIES];

function bySize(
  node: NodeContext,
  shape: Shape,
  axes: readonly number[],
  sizes: readonly number[],
  policy: Policy,
): AxisResize[] {
  if (sizes.length !== axes.length || !sizes.every((size) => size > 0)) {
    node.malformed(`sizes ${text(sizes)} must be ${axes.length} positive integers`);
  }
  const scales = axes.map((axis, i) => sizes[i] / shape[axis]);
  if (!policy) return axes.map((axis, i) => ({ axis, input: shape[axis], output: sizes[i], scale: scales[i] }));
  const scale = policy(...scales);
  return axes.map((axis) => ({ axis, input: shape[axis], output: Math.floor(shape[axis] * scale + 0.5), scale }));
}

function resizeAxes(node: NodeContext, x: Value, how: Interpolation, axes: readonly AxisResize[]): Value {
  if (axes.some(({ output }) => !(output > 0))) node.malformed(`resizes ${text(x.shape)} to nothing`);
  if (axes.some(({ input }) => input === 0)) node.malformed(`resizes ${text(x.shape)}, which has nothing to resize`);
  const crops = how.coordinates === 'tf-crop-and-resize';
  const changed = axes.filter(({ input, output, scale }) => crops || output !== input || scale !== 1);
  if (changed.length === 0) return x;
  const attributes = pictureResize(x, how, changed);
  return attributes ? node.emit('resize2d', [x], attributes) : resizeByMatrices(node, x, how, changed);
}

/** The attributes of the Graph's own operator, if it supports this resize. */
function pictureResize({ shape }: Value, how: Interpolation, axes: readonly AxisResize[]): Resize2d | undefined {
  const { mode, coordinates, rounding, cubicA } = how;
  if (shape.length !== 4 || axes.some(({ axis }) => axis < 2)) return undefined;
  if (mode === 'cubic' && how.excludeOutside) return undefined;
  if (mode !== 'nearest' && how.antialias && axes.some(({ scale }) => scale < 1)) return undefined;
  switch (coordinates) {
    case 'half-pixel':
    case 'pytorch-half-pixel':
    case 'asymmetric':
      break;
    case 'align-corners':
      // ONNX divides by the output length before rounding, the Graph's operator by the rounded one.
      if (axes.some(({ input, output, scale }) => Math.abs(input * scale - output) > 1e-3)) return undefined;
      break;
    default:
      return undefined;
  }
  const of = (axis: 2 | 3): AxisResize =>
    axes.find((a) => a.axis === axis) ?? { axis, input: shape[axis], output: shape[axis], scale: 1 };
  const [height, width] = [of(2), of(3)];
  const size: Pair = [height.output, width.output];
  return { mode, coordinates, rounding, size, scale: [height.scale, width.scale], cubicA };
}

/** Resizing is linear in the pixels of each axis: one product with a constant matrix per axis. */
function resizeByMatrices(node: NodeContext, x: Value, how: Interpolation, axes: readonly AxisResize[]): Value {
  let y = x;
  let inside: Value | undefined;
  for (const axis of axes) {
    const { matrix, outside } = interpolationMatrix(how, axis, (reason) => node.malformed(reason));
    y = alongAxis(node, y, axis.axis, node.constant(matrix));
    if (outside.length === 0) continue;
    const flags = Tensor.bool([axis.output, ...x.shape.slice(axis.axis + 1).map(() => 1)]);
    for (let i = 0; i < axis.output; i++) flags.data[i] = outside.includes(i) ? 0 : 1;
    const mask = node.constant(flags);
    inside = inside ? node.emit('binary', [inside, mask], { fn: 'and' }) : mask;
  }
  if (!inside) return y;
  return node.emit('where', [inside, y, node.constant(Tensor.float32([], [how.extrapolation]))], {});
}

export const resizing: Readonly<Record<string, OperatorImporter>> = {
  Resize: resize,
  Upsample: resizeByScales,
};
