import { type DataType, sizeOf } from '../tensor';
import type { ValueInfo } from './graph';
import type { Operator, OperatorAttributes } from './operators';
import { check, type Rule, type RuleTable } from './shape-checks';

/** How many inputs each operator takes. */
// biome-ignore format: a table to scan
const arity: { readonly [O in Operator]: readonly [least: number, most: number] } = {
  conv2d: [3, 4], 'conv-transpose2d': [3, 4], dense: [3, 4], matmul: [2, 2],
  'max-pool2d': [1, 1], 'average-pool2d': [1, 1], 'global-pool2d': [1, 1], resize2d: [1, 1],
  'upsample-conv2d': [3, 4],
  unary: [1, 1], binary: [2, 2], where: [3, 3], softmax: [1, 1], argmax: [1, 1], reduce: [1, 1],
  'batch-norm': [5, 5], 'instance-norm': [3, 3], 'layer-norm': [3, 3],
  concat: [1, Infinity], split: [1, 1], slice: [1, 1], pad: [1, 1], transpose: [1, 1], reshape: [1, 1],
  expand: [1, 1], tile: [1, 1], gather: [2, 2], 'depth-to-space': [1, 1], 'space-to-depth': [1, 1], cast: [1, 1],
  'ssd-decode': [2, 2], 'non-maximum-suppression': [2, 2],
};

/** Operators whose inputs may be integers or booleans. */
const ANY_TYPE = new Set<Operator>([
  'binary',
  'unary',
  'where',
  'reduce',
  'argmax',
  'concat',
  'split',
  'slice',
  'pad',
  'transpose',
  'reshape',
  'expand',
  'tile',
  'gather',
  'depth-to-space',
  'space-to-depth',
  'cast',
]);

/**
 * The shapes and types of an operator's outputs.
 *
 * @param rules those of {@link RuleTable} that are known here
 * @throws ShapeError with the values that do not fit, or when there is no rule for the operator
 */
export function inferWith<O extends Operator>(
  rules: RuleTable,
  op: O,
  inputs: readonly ValueInfo[],
  attributes: OperatorAttributes[O],
): ValueInfo[] {
  const rule = rules[op] as Rule<O> | undefined;
  check(rule !== undefined, `${op} is not known to this builder; the GraphBuilder of fovea/graph knows every operator`);
  const [least, most] = arity[op];
  const range = most === Infinity ? `${least} or more` : least === most ? `${least}` : `${least} to ${most}`;
  const noun = range === '1' ? 'input' : 'inputs';
  check(inputs.length >= least && inputs.length <= most, `${op} takes ${range} ${noun}, got ${inputs.length}`);
  const wrong: DataType | undefined = inputs.find((i) => i.dtype !== 'float32')?.dtype;
  check(!wrong || ANY_TYPE.has(op), `${op} takes float32, got ${wrong}`);
  const outputs = rule(inputs, attributes);
  for (const { shape } of outputs) sizeOf(shape);
  return outputs;
}
