import { text } from '../../../operators/checks';
import { sizeOf } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';
import { asFloat } from './arithmetic';

/** A value with a letter for each of its axes. */
interface Term {
  readonly value: Value;
  readonly letters: string;
}

/**
 * Einstein summation, one operand after the other. Letters that both operands have and that are still needed become
 * batch axes, letters that are no longer needed are summed over, the others are rows and columns of a matrix product.
 */
export function einsum(node: NodeContext): Value {
  const equation = node.text('equation').replaceAll(' ', '');
  const [, left, right] = /^([a-zA-Z,]+)(?:->([a-zA-Z]*))?$/.exec(equation) ?? [];
  if (left === undefined) return node.unsupported(`its equation is ${equation}`);
  const inputs = left.split(',');
  const result = right ?? implied(inputs);
  if (inputs.length !== node.inputs.length) node.malformed(`${equation} is for ${inputs.length} inputs`);
  const [first, ...others] = inputs.map((letters, i) => term(node, letters, asFloat(node, node.input(i))));
  const product = others.reduce((a, b, i) => {
    const later = others.slice(i + 1).map(({ letters }) => letters);
    return multiply(node, a, b, result + later.join(''));
  }, first);
  const needed = summed(node, product, result);
  if ([...needed.letters].sort().join('') !== [...result].sort().join(''))
    node.malformed(`${equation} has no such result`);
  return arranged(node, needed, result);
}

/** The result of an equation without an arrow: every letter that occurs once, in alphabetical order. */
function implied(inputs: readonly string[]): string {
  const all = inputs.join('');
  return [...all]
    .filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter))
    .sort()
    .join('');
}

function term(node: NodeContext, letters: string, value: Value): Term {
  if (letters.length !== value.shape.length) node.malformed(`${letters} does not fit ${text(value.shape)}`);
  if (new Set(letters).size !== letters.length) node.unsupported(`it takes the diagonal ${letters}`);
  return { value, letters };
}

const lengthOf = ({ value, letters }: Term, letter: string): number => value.shape[letters.indexOf(letter)];

/** Sums over the letters that are no longer needed. */
function summed(node: NodeContext, { value, letters }: Term, needed: string): Term {
  const axes = [...letters].flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { value, letters };
  const kept = [...letters].filter((letter) => needed.includes(letter)).join('');
  return { value: node.emit('reduce', [value], { fn: 'sum', axes, keepDims: false }), letters: kept };
}

const arranged = (node: NodeContext, { value, letters }: Term, order: string): Value =>
  node.transpose(
    value,
    [...order].map((letter) => letters.indexOf(letter)),
  );

function multiply(node: NodeContext, left: Term, right: Term, needed: string): Term {
  const a = summed(node, left, needed + right.letters);
  const b = summed(node, right, needed + left.letters);
  const shared = [...a.letters].filter((letter) => b.letters.includes(letter));
  for (const letter of shared) {
    if (lengthOf(a, letter) !== lengthOf(b, letter)) {
      node.unsupported(`its axes ${letter} have lengths ${lengthOf(a, letter)} and ${lengthOf(b, letter)}`);
    }
  }
  const batch = shared.filter((letter) => needed.includes(letter)).join('');
  const inner = shared.filter((letter) => !needed.includes(letter)).join('');
  const rows = [...a.letters].filter((letter) => !shared.includes(letter)).join('');
  const columns = [...b.letters].filter((letter) => !shared.includes(letter)).join('');
  const lengths = (of: Term, letters: string): number[] => [...letters].map((letter) => lengthOf(of, letter));
  const [batches, count] = [lengths(a, batch), sizeOf(lengths(a, inner))];
  const height = lengths(a, rows);
  const width = lengths(b, columns);
  const x = node.reshape(arranged(node, a, batch + rows + inner), [...batches, sizeOf(height), count]);
  const y = node.reshape(arranged(node, b, batch + inner + columns), [...batches, count, sizeOf(width)]);
  const product = node.emit('matmul', [x, y], {});
  return { value: node.reshape(product, [...batches, ...height, ...width]), letters: batch + rows + columns };
}
