import { sizeOf } from '../../tensor';
import type { Value } from './graph-writer';
import type { NodeContext } from './node-context';

/** A value with the axis of rows whose number is only known after the run. */
interface Counted extends Value {
  readonly rows: Value;
  readonly rowAxis: number;
}

const isCounted = (value: Value | undefined): value is Counted => value?.rows !== undefined;

type Rule = (node: NodeContext, operands: readonly (Value | undefined)[], result: Value) => number | undefined;

/** Every operand with such rows has the same ones, at the same place from the end; the others repeat along them. */
const elementwise: Rule = (_node, operands, { shape }) => {
  const [first, ...more] = operands.filter(isCounted);
  const fromEnd = first.shape.length - first.rowAxis;
  const agree = more.every((v) => v.rows.name === first.rows.name && v.shape.length - v.rowAxis === fromEnd);
  const repeat = operands.every(
    (v) => !v || isCounted(v) || (v.shape.at(-fromEnd) ?? 1) === 1 || v.shape.length < fromEnd,
  );
  return agree && repeat ? shape.length - fromEnd : undefined;
};

/** Only axes of length 1 come or go: the elements before the rows stay as many. */
const reshaped: Rule = (_node, [x], { shape }) => {
  if (!isCounted(x)) return undefined;
  const length = x.shape[x.rowAxis];
  const before = sizeOf(x.shape.slice(0, x.rowAxis));
  const axis = shape.findIndex((d, a) => d === length && sizeOf(shape.slice(0, a)) === before);
  return axis < 0 ? undefined : axis;
};

/** What happens along other axes leaves the rows whole. */
const alongOthers: Rule = (_node, operands, { shape }) => {
  const counted = operands.filter(isCounted);
  const [{ rowAxis, rows, shape: before }] = counted;
  const agree = counted.every((v) => v.rows.name === rows.name && v.rowAxis === rowAxis);
  return agree && shape.length === before.length && shape[rowAxis] === before[rowAxis] ? rowAxis : undefined;
};

/** A slice with negative steps turns the order of an axis round. */
const sliced: Rule = (node, operands, result) => {
  const steps = operands[4] && node.known(operands[4]);
  return steps?.data.some((step) => step < 0) ? undefined : alongOthers(node, operands, result);
};

/** Concatenation joins what has the same rows. */
const joined: Rule = (node, operands, result) =>
  operands.every(isCounted) ? alongOthers(node, operands, result) : undefined;

/** Rows of indices give rows of the result; rows of x stay if the indices are of another axis. */
const gathered: Rule = (node, [x, indices]) => {
  if (!x || !indices) return undefined;
  const axis = node.axis(node.int('axis', 0), x.shape.length);
  if (isCounted(indices)) return isCounted(x) ? undefined : axis + indices.rowAxis;
  if (!isCounted(x) || x.rowAxis === axis) return undefined;
  return x.rowAxis < axis ? x.rowAxis : x.rowAxis - 1 + indices.shape.length;
};

const gatheredByTuples: Rule = (_node, [x, indices]) => {
  if (isCounted(x) || !isCounted(indices)) return undefined;
  return indices.rowAxis < indices.shape.length - 1 ? indices.rowAxis : undefined;
};

const transposed: Rule = (node, [x]) => {
  if (!isCounted(x)) return undefined;
  const rank = x.shape.length;
  const permutation = node.ints('perm') ?? x.shape.map((_, axis) => rank - 1 - axis);
  return permutation.indexOf(x.rowAxis);
};

// biome-ignore format: a list to scan
const ELEMENTWISE = [
  'Identity', 'Cast', 'CastLike', 'Abs', 'Neg', 'Sign', 'Floor', 'Ceil', 'Round', 'Sqrt', 'Exp', 'Log', 'Relu', 'Sigmoid',
  'Tanh', 'Clip', 'Not', 'Add', 'Sub', 'Mul', 'Div', 'Mod', 'Pow', 'Min', 'Max', 'Equal', 'Less', 'LessOrEqual',
  'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor', 'Where',
];

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...ELEMENTWISE.map((op) => [op, elementwise] as const),
  ['Squeeze', reshaped],
  ['Unsqueeze', reshaped],
  ['Slice', sliced],
  ['Split', alongOthers],
  ['Concat', joined],
  ['Gather', gathered],
  ['GatherND', gatheredByTuples],
  ['Transpose', transposed],
]);

/**
 * The axis of the result along which the rows of an operand lie whose number is only known after the run, as suppression
 * and NonZero give them. Undefined when the operator mixes those rows with others.
 */
export const countedAxis: Rule = (node, operands, result) => RULES.get(node.op)?.(node, operands, result);
