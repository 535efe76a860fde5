import { type DataType, sizeOf } from '../tensor';
import type { ValueInfo } from './graph';
import {
  BINARY_FUNCTIONS,
  type Operator,
  type OperatorAttributes,
  REDUCE_FUNCTIONS,
  UNARY_FUNCTIONS,
} from './operators';
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

const RESIDUAL = ['none', 'before-activation', 'after-activation'] as const;

/** The words that an attribute may be: types keep TypeScript to them, this all others. */
const words: {
  readonly [O in Operator]?: { readonly [A in keyof OperatorAttributes[O]]?: readonly OperatorAttributes[O][A][] };
} = {
  conv2d: { residual: RESIDUAL },
  'conv-transpose2d': { residual: RESIDUAL },
  dense: { residual: RESIDUAL },
  'global-pool2d': { fn: ['mean', 'max'] },
  resize2d: {
    mode: ['nearest', 'linear', 'cubic'],
    coordinates: ['half-pixel', 'align-corners', 'asymmetric', 'pytorch-half-pixel'],
    rounding: ['round-prefer-floor', 'round-prefer-ceil', 'floor', 'ceil'],
  },
  'upsample-conv2d': { mode: ['nearest', 'linear'] },
  unary: { fn: UNARY_FUNCTIONS },
  binary: { fn: BINARY_FUNCTIONS },
  argmax: { fn: ['argmax', 'argmin'] },
  reduce: { fn: REDUCE_FUNCTIONS },
  pad: { mode: ['constant', 'reflect', 'edge', 'wrap'] },
  'depth-to-space': { mode: ['dcr', 'crd'] },
  cast: { to: ['float32', 'int32', 'bool'] },
  'non-maximum-suppression': {
    scoreLayout: ['class-first', 'box-first'],
    boxFormat: ['corners', 'center'],
    firstClass: [0, 1],
  },
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
  const allowedWords: Readonly<Record<string, readonly unknown[]>> = { ...words[op] };
  for (const [name, allowed] of Object.entries(allowedWords)) {
    const value = attributes[name as keyof OperatorAttributes[O]];
    check(allowed.includes(value), `${name} must be ${allowed.join(' or ')}, got ${value}`);
  }
  const outputs = rule(inputs, attributes);
  for (const { shape } of outputs) sizeOf(shape);
  return outputs;
}
