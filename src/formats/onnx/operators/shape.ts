import { text } from '../../../operators/checks';
import { type Shape, sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { FLOAT, INT64, typeInfo } from '../types';
import { scalar } from './arithmetic';

/** `Shape`: the dimensions from `start` to `end`, both since opset 15. */
function shape(node: NodeContext): Value {
  const dims = node.input(0).shape;
  const rank = dims.length;
  const bound = (at: number): number => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  const part = dims.slice(bound(node.int('start', 0)), bound(node.int('end', rank)));
  return node.constant(Tensor.int32([part.length], part), INT64);
}

function reshape(node: NodeContext): Value {
  const x = node.input(0);
  const wanted = node.opset < 5 ? (node.ints('shape') ?? []) : node.integers(node.input(1), 'shape');
  const copyZeros = !node.flag('allowzero');
  const dims = wanted.map((d, i) => (d === 0 && copyZeros ? (x.shape[i] ?? 0) : d));
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const rest = dims.reduce((product, d, i) => (i === open ? product : product * d), 1);
    dims[open] = rest > 0 ? sizeOf(x.shape) / rest : 0;
  }
  if (!dims.every((d) => Number.isSafeInteger(d) && d >= 0)) {
    node.malformed(`cannot reshape ${text(x.shape)} to ${text(wanted)}`);
  }
  return node.reshape(x, dims);
}

function flatten(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const axis = node.int('axis', 1);
  const at = axis === rank ? rank : node.axis(axis, Math.max(rank, 1));
  return node.reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]);
}

function squeeze(node: NodeContext): Value {
  const x = node.input(0);
  const given = node.integersSince(13, 1, 'axes');
  const axes = given ? node.axes(given, x.shape.length) : x.shape.flatMap((d, axis) => (d === 1 ? [axis] : []));
  const wrong = axes.find((axis) => x.shape[axis] !== 1);
  if (wrong !== undefined) node.malformed(`axis ${wrong} of ${text(x.shape)} is not of length 1`);
  return node.reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

function unsqueeze(node: NodeContext): Value {
  const x = node.input(0);
  const given = node.integersSince(13, 1, 'axes') ?? node.malformed('axes are missing');
  const rank = x.shape.length + given.length;
  const axes = new Set(node.axes(given, rank));
  const left = [...x.shape];
  return node.reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : left.shift()!)),
  );
}

function transpose(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const permutation = node.ints('perm') ?? x.shape.map((_, axis) => rank - 1 - axis);
  if (permutation.length !== rank) node.malformed(`perm ${text(permutation)} does not fit rank ${rank}`);
  return node.transpose(x, node.axes(permutation, rank));
}

function concat(node: NodeContext): Value {
  const inputs = node.inputs;
  const axis = node.axis(node.int('axis', 1), node.input(0).shape.length);
  const filled = inputs.filter((v) => v.shape[axis] !== 0);
  return filled.length === 1 ? filled[0] : node.emit('concat', filled.length > 0 ? filled : inputs, { axis });
}

function split(node: NodeContext): readonly Value[] {
  const x = node.input(0);
  const axis = node.axis(node.int('axis', 0), x.shape.length);
  const sizes = node.integersSince(13, 1, 'split', 'split sizes') ?? partsOf(node, x.shape[axis]);
  if (sizes.length !== node.outputCount || sizes.some((size) => size < 0)) {
    node.malformed(`split sizes ${text(sizes)} do not fit ${node.outputCount} outputs`);
  }
  return node.emitAll('split', [x], { axis, sizes });
}

function partsOf(node: NodeContext, length: number): number[] {
  const count = node.int('num_outputs', node.outputCount);
  if (count < 1 || count !== node.outputCount)
    node.malformed(`num_outputs is ${count}, with ${node.outputCount} outputs`);
  return equalParts(length, count, Math.ceil(length / count));
}

/** The last part is smaller if the length is not a multiple. */
export const equalParts = (length: number, count: number, size: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.max(Math.min(size, length - i * size), 0));

/** Attributes up to opset 9, inputs since. Indices outside the axis are clamped, as in NumPy. */
function slice(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const from = node.integersSince(10, 1, 'starts') ?? node.malformed('starts are missing');
  const to = node.integersSince(10, 2, 'ends') ?? node.malformed('ends are missing');
  const axes = node.axes(node.integersSince(10, 3, 'axes') ?? from.map((_, i) => i), rank);
  const by = (node.opset < 10 ? undefined : node.integersSince(10, 4, 'steps')) ?? from.map(() => 1);
  if (to.length !== from.length || axes.length !== from.length || by.length !== from.length) {
    node.malformed(`${from.length} starts, ${to.length} ends, ${axes.length} axes and ${by.length} steps`);
  }
  const starts = x.shape.map(() => 0);
  const steps = x.shape.map(() => 1);
  const sizes = [...x.shape];
  for (const [i, axis] of axes.entries()) {
    const [start, size] = sliceAxis(x.shape[axis], from[i], to[i], by[i]);
    if (by[i] === 0) node.malformed('a step is 0');
    starts[axis] = start;
    // A step longer than the axis is shortened: it takes one element either way.
    steps[axis] = Math.max(Math.min(by[i], Math.max(x.shape[axis], 1)), -Math.max(x.shape[axis], 1));
    sizes[axis] = size;
  }
  const whole = steps.every((step) => step === 1) && sizes.every((size, axis) => size === x.shape[axis]);
  return whole ? x : node.emit('slice', [x], { starts, steps, sizes });
}

function sliceAxis(length: number, from: number, to: number, step: number): [start: number, size: number] {
  const absolute = (at: number): number => (at < 0 ? at + length : at);
  const clamp = (at: number, least: number, most: number): number => Math.min(Math.max(at, least), most);
  const start = step > 0 ? clamp(absolute(from), 0, length) : clamp(absolute(from), 0, length - 1);
  const end = step > 0 ? clamp(absolute(to), 0, length) : clamp(absolute(to), -1, length - 1);
  const size = Math.max(Math.ceil((end - start) / step), 0);
  return [size === 0 ? 0 : start, size];
}

const PAD_MODES = { constant: 'constant', reflect: 'reflect', edge: 'edge', wrap: 'wrap' } as const;

/** Amounts are attributes up to opset 10, inputs since; `axes` came with opset 18. */
function pad(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const mode = node.choice('mode', 'constant', PAD_MODES);
  const [valueInput, axesInput] = [node.optional(2), node.optional(3)];
  const amounts =
    node.opset < 11
      ? (node.ints(node.opset < 2 ? 'paddings' : 'pads') ?? node.malformed('pads are missing'))
      : node.integers(node.input(1), 'pads');
  const value = node.opset < 11 ? node.float('value', 0) : valueInput ? node.anyNumber(valueInput, 'value') : 0;
  const axes = axesInput ? node.axes(node.integers(axesInput, 'axes'), rank) : x.shape.map((_, axis) => axis);
  if (amounts.length !== 2 * axes.length) node.malformed(`${amounts.length} pads for ${axes.length} axes`);
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  for (const [i, axis] of axes.entries()) {
    before[axis] = amounts[i];
    after[axis] = amounts[i + axes.length];
  }
  if (amounts.every((amount) => amount === 0)) return x;
  if (mode === 'constant' || amounts.every((amount) => amount >= 0)) {
    return node.emit('pad', [x], { mode, before, after, value });
  }
  // What is cropped is not there to be repeated.
  const starts = before.map((amount) => Math.max(-amount, 0));
  const sizes = x.shape.map((d, axis) => d - starts[axis] - Math.max(-after[axis], 0));
  if (sizes.some((size) => size < 0)) node.malformed(`pads ${text(amounts)} crop ${text(x.shape)} below zero`);
  const cropped = node.emit('slice', [x], { starts, steps: x.shape.map(() => 1), sizes });
  const rest = [before, after].map((list) => list.map((amount) => Math.max(amount, 0)));
  return node.emit('pad', [cropped], { mode, before: rest[0], after: rest[1], value });
}

function expand(node: NodeContext): Value {
  const x = node.input(0);
  const wanted = node.integers(node.input(1), 'shape');
  const rank = Math.max(wanted.length, x.shape.length);
  // The shapes broadcast to each other: where the shape has 1, the input keeps its length.
  const at = (dims: Shape, i: number): number => dims[i - rank + dims.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, i) => (at(wanted, i) === 1 ? at(x.shape, i) : at(wanted, i)));
  return node.expand(x, shape);
}

function tile(node: NodeContext): Value {
  if (node.opset < 6) node.unsupported('before opset 6 it repeats along one axis');
  const x = node.input(0);
  const repeats = node.integers(node.input(1), 'repeats');
  if (repeats.some((r) => r < 0)) node.malformed(`repeats ${text(repeats)} must not be negative`);
  return repeats.every((r) => r === 1) ? x : node.emit('tile', [x], { repeats });
}

function gather(node: NodeContext): Value {
  const [x, indices] = [node.input(0), node.input(1)];
  return node.emit('gather', [x, indices], { axis: node.axis(node.int('axis', 0), x.shape.length) });
}

function constant(node: NodeContext): Value {
  if (node.has('value_float')) return node.constant(Tensor.float32([], [node.float('value_float', 0)]));
  if (node.has('value_int')) return node.integerConstant([], [node.int('value_int', 0)]);
  const [floats, ints] = [node.floats('value_floats'), node.ints('value_ints')];
  if (floats) return node.constant(Tensor.float32([floats.length], floats));
  if (ints) return node.integerConstant([ints.length], ints);
  return node.tensor('value') ?? node.unsupported('its value is sparse or a string');
}

/** One element, expanded: a huge shape costs nothing here. */
function constantOfShape(node: NodeContext): Value {
  const shape = node.integers(node.input(0), 'shape');
  if (shape.some((d) => d < 0)) node.malformed(`shape ${text(shape)} must not be negative`);
  const value = node.tensor('value') ?? node.constant(Tensor.float32([], [0]), FLOAT);
  return node.expand(node.reshape(value, []), shape);
}

const LONGEST_RANGE = 2 ** 24;

function range(node: NodeContext): Value {
  const first = node.input(0);
  const start = node.number(first, 'start');
  const delta = node.number(node.input(2), 'delta');
  const length = Math.max(Math.ceil((node.number(node.input(1), 'limit') - start) / delta), 0);
  if (!(length <= LONGEST_RANGE)) node.malformed(`a range of ${length} numbers; the most is ${LONGEST_RANGE}`);
  const values = Float64Array.from({ length }, (_, i) => start + i * delta);
  const tensor =
    typeInfo(first.type).dtype === 'int32' ? Tensor.int32([length], values) : Tensor.float32([length], values);
  return node.constant(tensor, first.type);
}

function depthToSpace(node: NodeContext): Value {
  const mode = node.choice('mode', 'DCR', { DCR: 'dcr', CRD: 'crd' } as const);
  return node.emit('depth-to-space', [node.input(0)], { blockSize: node.int('blocksize', 0), mode });
}

/** With mode `CRD` the channels of a pixel lie behind each other, and its parts within them. */
function spaceToDepth(node: NodeContext): Value {
  const x = node.input(0);
  const blockSize = node.int('blocksize', 0);
  const isByPart = node.choice('mode', 'DCR', { DCR: true, CRD: false });
  const y = node.emit('space-to-depth', [x], { blockSize });
  if (isByPart) return y;
  const [batch, channels] = x.shape;
  const parts = node.reshape(y, [batch, blockSize ** 2, channels, ...y.shape.slice(2)]);
  return node.reshape(node.transpose(parts, [0, 2, 1, 3, 4]), y.shape);
}

export const shapes: Readonly<Record<string, OperatorImporter>> = {
  Shape: shape,
  Size: (node) => scalar(node, sizeOf(node.input(0).shape), { ...node.input(0), type: INT64 }),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  Gather: gather,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
