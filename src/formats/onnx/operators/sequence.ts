import { text } from '../../../operators/checks';
import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { equalParts } from './shape';

/** Sequences of tensors, and optional values, exist while the file is read. Their lengths and positions must be known then. */

const sequenceOf = (node: NodeContext, items: readonly Value[]): Value => ({
  ...(items[0] ?? node.integerConstant([0], [])),
  items,
});

const itemsOf = (node: NodeContext, value: Value): readonly Value[] =>
  value.items ?? node.malformed('its input is no sequence');

function positionOf(node: NodeContext, position: Value, length: number): number {
  const at = node.number(position, 'position');
  const fromStart = at < 0 ? at + length : at;
  if (Number.isInteger(fromStart) && fromStart >= 0 && fromStart < length) return fromStart;
  return node.malformed(`position ${at} lies outside a sequence of ${length}`);
}

/** The sizes are a list, or one number for all parts; without them each part is of length 1. */
function splitToSequence(node: NodeContext): Value {
  const x = node.input(0);
  const axis = node.axis(node.int('axis', 0), x.shape.length);
  const length = x.shape[axis];
  const given = node.optional(1);
  const isWhole = given?.shape.length === 0;
  const list = given ? node.integers(given, 'split sizes') : [1];
  const each = !given || isWhole;
  if (list.some((size) => size < 0) || (each && list[0] < 1)) node.malformed(`split sizes ${text(list)}`);
  const sizes = each ? equalParts(length, Math.ceil(length / list[0]), list[0]) : list;
  const parts = sizes.length === 1 ? [x] : node.emitAll('split', [x], { axis, sizes });
  if (given || node.flag('keepdims', true)) return sequenceOf(node, parts);
  return sequenceOf(
    node,
    parts.map((part) => node.reshape(part, part.shape.toSpliced(axis, 1))),
  );
}

function concatFromSequence(node: NodeContext): Value {
  const items = itemsOf(node, node.input(0));
  if (items.length === 0) node.malformed('its sequence is empty');
  const isNew = node.flag('new_axis');
  const axis = node.axis(node.int('axis', 0), items[0].shape.length + (isNew ? 1 : 0));
  const parts = isNew ? items.map((item) => node.reshape(item, item.shape.toSpliced(axis, 0, 1))) : items;
  return parts.length === 1 ? parts[0] : node.emit('concat', parts, { axis });
}

function sequenceInsert(node: NodeContext): Value {
  const items = itemsOf(node, node.input(0));
  const position = node.optional(2);
  // A tensor may be put behind the last one.
  const at = position ? positionOf(node, position, items.length + 1) : items.length;
  return sequenceOf(node, items.toSpliced(at, 0, node.input(1)));
}

function sequenceErase(node: NodeContext): Value {
  const items = itemsOf(node, node.input(0));
  const position = node.optional(1);
  return sequenceOf(node, items.toSpliced(position ? positionOf(node, position, items.length) : items.length - 1, 1));
}

function sequenceAt(node: NodeContext): Value {
  const items = itemsOf(node, node.input(0));
  return items[positionOf(node, node.input(1), items.length)];
}

export const sequences: Readonly<Record<string, OperatorImporter>> = {
  SequenceEmpty: (node) => sequenceOf(node, []),
  SequenceConstruct: (node) => sequenceOf(node, node.inputs),
  SequenceInsert: sequenceInsert,
  SequenceErase: sequenceErase,
  SequenceLength: (node) => node.integerConstant([], [itemsOf(node, node.input(0)).length]),
  SequenceAt: sequenceAt,
  SplitToSequence: splitToSequence,
  ConcatFromSequence: concatFromSequence,
  Identity: (node) => node.input(0),
  Optional: (node) => node.optional(0) ?? node.unsupported('its value is left out'),
  OptionalGetElement: (node) => node.input(0),
  OptionalHasElement: (node) => node.constant(Tensor.bool([], [Number(node.optional(0) !== undefined)])),
};
