import { text } from '../../../operators/checks';
import { type Shape, sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext } from '../node-context';
import { asFloat, cast, unary } from './arithmetic';

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
  const operands = node.inputs.map((input) => asFloat(node, input));
  const { inputs, result } = parse(node, equation, operands);
  const terms = withoutBroadcast(
    node,
    inputs.map((letters, i) => diagonal(node, { value: operands[i], letters })),
  );
  const [first, ...others] = terms;
  const product = others.reduce((a, b, i) => {
    const later = others.slice(i + 1).map(({ letters }) => letters);
    return multiply(node, a, b, result + later.join(''));
  }, first);
  const needed = summed(node, product, result);
  if (sorted(needed.letters) !== sorted(result)) node.malformed(`${equation} has no such result`);
  const y = arranged(node, needed, result);
  const { type } = node.input(0);
  return node.isFloat(node.input(0)) ? y : cast(node, unary(node, 'round', y), type);
}

const sorted = (letters: string): string => [...letters].sort().join('');

/** The letters of each operand and of the result, with letters of their own for the axes that `...` stands for. */
function parse(node: NodeContext, equation: string, operands: readonly Value[]): { inputs: string[]; result: string } {
  const term = '[a-zA-Z]*(?:\\.\\.\\.)?[a-zA-Z]*';
  const [, left, right] = new RegExp(`^(${term}(?:,${term})*)(?:->(${term}))?$`).exec(equation) ?? [];
  if (left === undefined) return node.malformed(`${equation} is no equation`);
  const written = left.split(',');
  if (written.length !== operands.length) node.malformed(`${equation} is for ${written.length} inputs`);
  const hidden = written.map((letters, i) => {
    const named = letters.replace('...', '');
    const rest = operands[i].shape.length - named.length;
    if (rest < 0 || (rest > 0 && named === letters))
      node.malformed(`${letters} does not fit ${text(operands[i].shape)}`);
    return rest;
  });
  // The last of them is the last axis of every ellipsis.
  const free = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => !equation.includes(letter));
  const ellipsis = free.slice(0, Math.max(...hidden)).join('');
  const inputs = written.map((letters, i) => letters.replace('...', ellipsis.slice(ellipsis.length - hidden[i])));
  const result = (right ?? `...${implied(left.replaceAll('...', ''))}`).replace('...', ellipsis);
  if (new Set(result).size !== result.length) node.malformed(`${equation} repeats a letter in its result`);
  return { inputs, result };
}

/** The result of an equation without an arrow: every letter that occurs once, in alphabetical order. */
function implied(left: string): string {
  const all = left.replaceAll(',', '');
  return sorted([...all].filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter)).join(''));
}

/** A letter that an operand repeats stands for a diagonal. */
function diagonal(node: NodeContext, term: Term): Term {
  const { value, letters } = term;
  const second = [...letters].findIndex((letter, i) => letters.indexOf(letter) < i);
  if (second < 0) return term;
  const first = letters.indexOf(letters[second]);
  const length = value.shape[first];
  if (value.shape[second] !== length) node.malformed(`${letters} does not fit ${text(value.shape)}`);
  const rest = [...letters].flatMap((_, axis) => (axis === first || axis === second ? [] : [axis]));
  const shape = rest.map((axis) => value.shape[axis]);
  const pairs = node.reshape(node.transpose(value, [first, second, ...rest]), [length * length, ...shape]);
  const places = Array.from({ length }, (_, i) => i * (length + 1));
  const chosen = node.emit('gather', [pairs, node.constant(Tensor.int32([length], places))], { axis: 0 });
  return diagonal(node, { value: chosen, letters: letters[first] + rest.map((axis) => letters[axis]).join('') });
}

/** Leaves out axes of length 1 that other operands have longer. */
function withoutBroadcast(node: NodeContext, terms: readonly Term[]): Term[] {
  const lengths = new Map<string, number>();
  for (const term of terms) {
    for (const letter of term.letters) {
      lengths.set(letter, Math.max(lengths.get(letter) ?? 1, lengthOf(term, letter)));
    }
  }
  return terms.map((term) => {
    const kept = [...term.letters].filter((letter) => lengthOf(term, letter) !== 1 || lengths.get(letter) === 1);
    const shape: Shape = kept.map((letter) => lengthOf(term, letter));
    return { value: node.reshape(term.value, shape), letters: kept.join('') };
  });
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
      node.malformed(`its axes ${letter} have lengths ${lengthOf(a, letter)} and ${lengthOf(b, letter)}`);
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
