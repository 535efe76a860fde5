import { text } from '../../../operators/checks';
import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL, typeInfo } from '../types';
import { add, asBool, binary, cast, elementTypeOf, mul, scalar, sub } from './arithmetic';
import { ramp } from './indexing';

/** Operators that move elements to other places, cut some off or fill others in. */

/** Cut or filled with zeros at both ends of its axes; the odd element is at the end. */
function centerCropPad(node: NodeContext): Value {
  const x = node.input(0);
  const wanted = node.integers(node.input(1), 'shape');
  const axes = node.axes(node.ints('axes') ?? x.shape.map((_, axis) => axis), x.shape.length);
  if (wanted.length !== axes.length || wanted.some((d) => d < 0)) {
    node.malformed(`shape ${text(wanted)} does not fit axes ${text(axes)}`);
  }
  const amounts = x.shape.map((length, axis) => {
    const at = axes.indexOf(axis);
    const more = at < 0 ? 0 : wanted[at] - length;
    const before = Math.trunc(more / 2);
    return [before, more - before];
  });
  const [before, after] = [0, 1].map((end) => amounts.map((amount) => amount[end]));
  if (amounts.every(([first, last]) => first === 0 && last === 0)) return x;
  return padded(node, x, before, after);
}

function padded(node: NodeContext, x: Value, before: readonly number[], after: readonly number[]): Value {
  if (x.type !== BOOL) return node.emit('pad', [x], { mode: 'constant', before, after, value: 0 });
  const numbers = node.emit('cast', [x], { to: 'int32' });
  return asBool(node, node.emit('pad', [numbers], { mode: 'constant', before, after, value: 0 }));
}

/** The first elements of each sequence in the opposite order; how many is another number for each of them. */
function reverseSequence(node: NodeContext): Value {
  const [x, lengths] = [node.input(0), node.input(1)];
  const [batchAxis, timeAxis] = [node.int('batch_axis', 1), node.int('time_axis', 0)].map((a) =>
    node.axis(a, x.shape.length),
  );
  if (batchAxis + timeAxis !== 1 || lengths.shape.join() !== `${x.shape[batchAxis]}`) {
    node.malformed(`lengths ${text(lengths.shape)} do not fit ${text(x.shape)}`);
  }
  const [batch, steps] = [x.shape[batchAxis], x.shape[timeAxis]];
  const length = node.reshape(lengths, timeAxis === 0 ? [1, batch] : [batch, 1]);
  const time = ramp(node, steps, 1, timeAxis, 2, lengths);
  const mirrored = sub(node, sub(node, length, 1), time);
  const source = node.emit('where', [binary(node, 'less', time, length), mirrored, time], {});
  // Rows of the first two axes, [d0 · d1, …].
  const own = ramp(node, batch, timeAxis === 0 ? 1 : steps, batchAxis, 2, lengths);
  const rows = add(node, timeAxis === 0 ? mul(node, source, batch) : source, own);
  const flat = node.reshape(x, [batch * steps, ...x.shape.slice(2)]);
  return node.emit('gather', [flat, rows], { axis: 0 });
}

/** The entries of an axis, or without one all elements, where the condition holds. A short condition ends with false. */
function compress(node: NodeContext): Value {
  const [given, condition] = [node.input(0), node.input(1)];
  const x = node.has('axis') ? given : node.reshape(given, [sizeOf(given.shape)]);
  const axis = node.axis(node.int('axis', 0), x.shape.length);
  if (condition.shape.length !== 1 || condition.shape[0] > x.shape[axis]) {
    node.malformed(`condition ${text(condition.shape)} does not fit ${text(x.shape)}`);
  }
  const known = node.known(condition)?.data;
  if (known) {
    const kept = [...known.keys()].filter((i) => known[i]);
    return node.emit('gather', [x, node.constant(Tensor.int32([kept.length], kept))], { axis });
  }
  const [rows, count] = node.emitAll('non-zero', [condition], {});
  const chosen = node.emit('gather', [x, node.reshape(rows, [condition.shape[0]])], { axis });
  return node.limitRows(chosen, count, axis);
}

/** A matrix of zeros with ones on one diagonal. */
function eyeLike(node: NodeContext): Value {
  const { shape, type } = node.input(0);
  if (shape.length !== 2) node.malformed(`input ${text(shape)} is not a matrix`);
  const k = node.int('k', 0);
  const eye = node.table(shape);
  for (let i = Math.max(0, -k); i < shape[0] && i + k < shape[1]; i++) eye.data[i * shape[1] + i + k] = 1;
  return cast(node, node.constant(eye), elementTypeOf(node, 'dtype', type));
}

/**
 * Writes the update into a cache `[N, …, S, …]` from each picture's own place on. With mode `circular` it goes on at the
 * start of the cache.
 */
function tensorScatter(node: NodeContext): Value {
  const [cache, update, places] = [node.input(0), node.input(1), node.optional(2)];
  const rank = cache.shape.length;
  const axis = node.axis(node.int('axis', -2), rank);
  const isCircular = node.choice('mode', 'linear', { linear: false, circular: true });
  const [length, steps] = [cache.shape[axis], update.shape[axis]];
  if (axis === 0 || update.shape.join() !== cache.shape.with(axis, steps).join() || steps > length) {
    node.malformed(`update ${text(update.shape)} does not fit ${text(cache.shape)} along axis ${axis}`);
  }
  const [batch, others] = [cache.shape[0], sizeOf(cache.shape.slice(1, axis))];
  const width = sizeOf(cache.shape.slice(axis + 1));
  const first = places ?? node.constant(Tensor.int32([1], [0]));
  const at = add(node, node.reshape(first, [first.shape[0], 1, 1]), ramp(node, steps, 1, 2, 3, first));
  const within = isCircular ? binary(node, 'mod', at, scalar(node, length, at)) : at;
  const starts = Array.from({ length: batch * others }, (_, row) => row * length);
  const rows = add(node, within, node.constant(Tensor.int32([batch, others, 1], starts), within.type));
  const inputs = [
    node.reshape(cache, [batch * others * length, width]),
    node.reshape(rows, [batch * others * steps]),
    node.reshape(update, [batch * others * steps, width]),
  ];
  return node.reshape(node.emit('scatter', inputs, { reduction: 'none' }, cache.type), cache.shape);
}

/** 1 for the first of the greatest elements, 0 for the others. Before opset 13 all axes from `axis` on count as one. */
function hardmax(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const given = node.axis(node.int('axis', node.opset < 13 ? 1 : -1), rank);
  const isFlat = node.opset < 13 && given !== rank - 1;
  const flat = isFlat ? node.reshape(x, [sizeOf(x.shape.slice(0, given)), sizeOf(x.shape.slice(given))]) : x;
  const axis = isFlat ? 1 : given;
  const found = node.emit('argmax', [flat], { fn: 'argmax', axis, keepDims: true, selectLast: false });
  const isFound = binary(node, 'equal', ramp(node, flat.shape[axis], 1, axis, flat.shape.length, found), found);
  return node.reshape(node.emit('cast', [isFound], { to: typeInfo(x.type).dtype }, x.type), x.shape);
}

export const rearranging: Readonly<Record<string, OperatorImporter>> = {
  CenterCropPad: centerCropPad,
  ReverseSequence: reverseSequence,
  Compress: compress,
  EyeLike: eyeLike,
  TensorScatter: tensorScatter,
  Hardmax: hardmax,
};
