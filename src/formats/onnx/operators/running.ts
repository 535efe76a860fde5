import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { binary, inFloat, wrap } from './arithmetic';
import { alongAxis } from './matrix';

/** Running sums and products along an axis, from its start or from its end. */

interface Direction {
  readonly axis: number;
  /** Whether an element's own value does not count. */
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

function directionOf(node: NodeContext, x: Value): Direction {
  const axis = node.axis(node.number(node.input(1), 'axis'), x.shape.length);
  return { axis, exclusive: node.flag('exclusive'), reverse: node.flag('reverse') };
}

/** The longest axis that a product with a triangle of ones sums along: the triangle grows with its square. */
const LONGEST_TRIANGLE = 2048;

function cumSum(node: NodeContext): Value {
  const x = node.input(0);
  const direction = directionOf(node, x);
  if (!node.isFloat(x) || x.shape[direction.axis] > LONGEST_TRIANGLE) return doubling(node, x, 'add', direction);
  return inFloat(node, x, (float) => triangle(node, float, direction));
}

function triangle(node: NodeContext, x: Value, { axis, exclusive, reverse }: Direction): Value {
  const length = x.shape[axis];
  const ones = Tensor.float32([length, length]);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) {
      const before = reverse ? i > j : i < j;
      ones.data[i * length + j] = before || (i === j && !exclusive) ? 1 : 0;
    }
  }
  return alongAxis(node, x, axis, node.constant(ones));
}

/** Each step combines runs of 1, 2, 4 … elements with the runs before them. Hillis and Steele 1986. */
function doubling(node: NodeContext, x: Value, fn: 'add' | 'mul', { axis, exclusive, reverse }: Direction): Value {
  let y = exclusive ? moved(node, x, axis, 1, reverse, fn) : x;
  for (let run = 1; run < x.shape[axis]; run *= 2) y = binary(node, fn, y, moved(node, y, axis, run, reverse, fn));
  return wrap(node, y, x.type);
}

/** x moved along an axis, with zeros to add or ones to multiply by where it comes from. */
function moved(node: NodeContext, x: Value, axis: number, by: number, back: boolean, fn: 'add' | 'mul'): Value {
  const along = (amount: number): number[] => x.shape.map((_, i) => (i === axis ? amount : 0));
  const [added, removed] = [along(by), along(-by)];
  const [before, after] = back ? [removed, added] : [added, removed];
  return node.emit('pad', [x], { mode: 'constant', before, after, value: fn === 'mul' ? 1 : 0 });
}

function cumProd(node: NodeContext): Value {
  const x = node.input(0);
  return doubling(node, x, 'mul', directionOf(node, x));
}

export const running: Readonly<Record<string, OperatorImporter>> = { CumSum: cumSum, CumProd: cumProd };
