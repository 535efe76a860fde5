import { text } from '../../../operators/checks';
import { sizeOf, stridesOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { INT64 } from '../types';
import { add, asFloat, binary, mul, scalar, wrap } from './arithmetic';

/**
 * Operators whose indices name single elements rather than slices. The indices become row numbers for the Graph's
 * gather and scatter.
 */

/** Indices into an axis of that length, all counted from its start. */
const fromStart = (node: NodeContext, indices: Value, length: Value): Value => binary(node, 'mod', indices, length);

const integers = (node: NodeContext, values: readonly number[], like: Value): Value =>
  node.constant(Tensor.int32([values.length], values), like.type);

/** The most rows of a table of row numbers, so that a small file cannot cost much memory. */
const MOST_ROWS = 2 ** 22;

function checkRows(node: NodeContext, rows: number): void {
  if (rows > MOST_ROWS) node.unsupported(`it picks among ${rows} rows, and the most is ${MOST_ROWS}`);
}

/** `0, step, 2 · step …` along one axis of a value of the given rank. */
export function ramp(node: NodeContext, length: number, step: number, axis: number, rank: number, like: Value): Value {
  checkRows(node, length);
  const values = Array.from({ length }, (_, i) => i * step);
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? length : 1));
  return node.constant(Tensor.int32(shape, values), like.type);
}

/** Indices along one axis as numbers of elements in x, row by row. Along other axes an index keeps its own place. */
function elementsAlong(node: NodeContext, shape: readonly number[], indices: Value, axis: number): Value {
  const rank = shape.length;
  if (indices.shape.length !== rank || indices.shape.some((d, k) => k !== axis && d > shape[k])) {
    node.malformed(`indices ${text(indices.shape)} do not fit ${text(shape)}`);
  }
  const strides = stridesOf(shape);
  const along = fromStart(node, indices, scalar(node, shape[axis], indices));
  const others = indices.shape.flatMap((length, k) =>
    k === axis || length === 1 ? [] : [ramp(node, length, strides[k], k, rank, indices)],
  );
  // The part that does not depend on the indices is one constant.
  const [first, ...more] = others;
  const position = mul(node, along, strides[axis]);
  const offset = first && more.reduce((sum, other) => add(node, sum, other), first);
  return offset ? add(node, position, offset) : position;
}

/** `y[i, j] = x[index[i, j], j]` along axis 0, and likewise along others. */
function gatherElements(node: NodeContext): Value {
  const [x, indices] = [node.input(0), node.input(1)];
  const at = elementsAlong(node, x.shape, indices, node.axis(node.int('axis', 0), x.shape.length));
  return node.emit('gather', [node.reshape(x, [sizeOf(x.shape)]), at], { axis: 0 });
}

/** Tuples of indices, in the last axis of `indices`, as row numbers over axes of these lengths. */
function rowsAt(node: NodeContext, lengths: readonly number[], indices: Value): Value {
  const whole = fromStart(node, indices, integers(node, lengths, indices));
  const products = binary(node, 'mul', whole, integers(node, stridesOf(lengths), indices));
  return node.emit('reduce', [products], { fn: 'sum', axes: [indices.shape.length - 1], keepDims: false });
}

/** The last axis of the indices has one index for each leading axis of x, behind `batch_dims` that both share. */
function gatherND(node: NodeContext): Value {
  const [x, indices] = [node.input(0), node.input(1)];
  const batch = node.int('batch_dims', 0);
  const depth = indices.shape.at(-1) ?? 0;
  const indexed = batch + depth;
  const shares = x.shape.slice(0, batch).every((d, i) => d === indices.shape[i]);
  if (batch < 0 || batch >= indices.shape.length || depth < 1 || indexed > x.shape.length || !shares) {
    node.malformed(`indices ${text(indices.shape)} do not fit ${text(x.shape)} with batch_dims ${batch}`);
  }
  const within = rowsAt(node, x.shape.slice(batch, indexed), indices);
  const strides = stridesOf(x.shape.slice(0, indexed));
  const rank = within.shape.length;
  const at = Array.from({ length: batch }, (_, k) => k).reduce(
    (sum, k) => add(node, sum, ramp(node, x.shape[k], strides[k], k, rank, indices)),
    within,
  );
  const rows = node.reshape(x, [sizeOf(x.shape.slice(0, indexed)), ...x.shape.slice(indexed)]);
  return node.emit('gather', [rows, at], { axis: 0 });
}

const REDUCTIONS = { none: 'none', add: 'add', mul: 'mul', max: 'max', min: 'min' } as const;

/**
 * The rows of x, some of them replaced by rows of the updates or combined with them. When two updates replace one row,
 * the later wins. Replacing known rows is gathering from x followed by the updates.
 *
 * @param target the number of the row that each update belongs to
 */
function putRows(node: NodeContext, x: Value, updates: Value, rows: number, target: Value): Value {
  const reduction = node.choice('reduction', 'none', REDUCTIONS);
  const count = sizeOf(target.shape);
  const width = rows === 0 ? 0 : sizeOf(x.shape) / rows;
  const parts = [node.reshape(x, [rows, width]), node.reshape(updates, [count, width])];
  const known = node.known(target)?.data;
  if (known && reduction === 'none' && rows <= MOST_ROWS) {
    const from = Array.from({ length: rows }, (_, row) => row);
    for (const [i, row] of known.entries()) from[row] = rows + i;
    const all = node.emit('concat', parts, { axis: 0 });
    const chosen = node.constant(Tensor.int32([rows], from));
    return node.reshape(node.emit('gather', [all, chosen], { axis: 0 }), x.shape);
  }
  const places = node.reshape(target, [count]);
  const combined = node.emit('scatter', [parts[0], places, parts[1]], { reduction });
  return wrap(node, node.reshape(combined, x.shape), x.type);
}

function scatterND(node: NodeContext): Value {
  const [x, indices, updates] = [node.input(0), node.input(1), node.input(2)];
  const depth = indices.shape.at(-1) ?? 0;
  const expected = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  if (depth < 1 || depth > x.shape.length || expected.join() !== updates.shape.join()) {
    node.malformed(`indices ${text(indices.shape)} do not fit updates ${text(updates.shape)}`);
  }
  const lengths = x.shape.slice(0, depth);
  checkKnown(node, indices, (i) => lengths[i % depth]);
  return putRows(node, x, updates, sizeOf(lengths), rowsAt(node, lengths, indices));
}

/** Before opset 11 it is called `Scatter`. */
function scatterElements(node: NodeContext): Value {
  const [x, indices, updates] = [node.input(0), node.input(1), node.input(2)];
  const axis = node.axis(node.int('axis', 0), x.shape.length);
  const elements = elementsAlong(node, x.shape, indices, axis);
  if (indices.shape.join() !== updates.shape.join()) {
    node.malformed(`indices ${text(indices.shape)} do not fit updates ${text(updates.shape)}`);
  }
  checkKnown(node, indices, () => x.shape[axis]);
  return putRows(node, x, updates, sizeOf(x.shape), elements);
}

/** @throws ModelFormatError for an index that is known and outside its axis */
function checkKnown(node: NodeContext, indices: Value, lengthOf: (i: number) => number): void {
  for (const [i, index] of node.known(indices)?.data.entries() ?? []) {
    const length = lengthOf(i);
    if (index < -length || index >= length) node.malformed(`index ${index} is outside an axis of length ${length}`);
  }
}

/** The second value at the position that the index names (negative: from the end), the first value elsewhere. */
function oneHot(node: NodeContext): Value {
  const [indices, values] = [asFloat(node, node.input(0)), node.input(2)];
  const depth = node.number(node.input(1), 'depth');
  const rank = indices.shape.length + 1;
  const axis = node.axis(node.int('axis', -1), rank);
  if (!(Number.isInteger(depth) && depth >= 1) || values.shape.join() !== '2')
    node.malformed(`depth is ${depth}, and its values are ${text(values.shape)}`);
  checkRows(node, depth);
  const shape = [...indices.shape.slice(0, axis), 1, ...indices.shape.slice(axis)];
  const index = node.reshape(indices, shape);
  const counted = Array.from({ length: rank }, (_, i) => (i === axis ? depth : 1));
  const at = (first: number): Value => {
    const positions = Array.from({ length: depth }, (_, i) => i + first);
    return binary(node, 'equal', index, node.constant(Tensor.float32(counted, positions)));
  };
  const isOn = binary(node, 'or', at(0), at(-depth));
  const [off, on] = [0, 1].map((i) => node.emit('slice', [values], { starts: [i], steps: [1], sizes: [1] }));
  return node.emit('where', [isOn, on, off], {});
}

/** Indices of the elements that are not zero, one row of them per axis. */
function nonZero(node: NodeContext): Value {
  const [rows, count] = node.emitAll('non-zero', [node.input(0)], {});
  const indices: Value = { ...node.transpose(rows, [1, 0]), type: INT64 };
  const known = node.known(count)?.data[0];
  if (known === undefined) return node.limitRows(indices, count, 1);
  return node.emit('slice', [indices], { starts: [0, 0], steps: [1, 1], sizes: [indices.shape[0], known] });
}

export const indexing: Readonly<Record<string, OperatorImporter>> = {
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterND: scatterND,
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  OneHot: oneHot,
  NonZero: nonZero,
  Unique: (node) => node.unsupported('only a run tells how many distinct values there are'),
};
