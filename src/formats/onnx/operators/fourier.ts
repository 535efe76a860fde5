import { sizeOf, Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { add, mul, sub } from './arithmetic';

/**
 * Fourier transforms as products with constant matrices. A long transform is one of short ones: of n = a · b samples,
 * b transforms of length a, a rotation, and a transforms of length b. Cooley and Tukey 1965.
 */

/** Complex numbers `[..., n]` in two parts. */
export interface Complex {
  readonly real: Value;
  /** Undefined where it is 0. */
  readonly imaginary: Value | undefined;
}

/** The longest transform that is one product. */
const LONGEST_PRODUCT = 128;
/** The longest one of a length that does not factor. */
const LONGEST_PRIME = 4096;
const LONGEST = 2 ** 20;

/** cos and sin of `sign · 2π · i · j / n` as `[rows, columns]`. */
function rotations(node: NodeContext, n: number, rows: number, columns: number, sign: number) {
  const [cos, sin] = [Tensor.float32([rows, columns]), Tensor.float32([rows, columns])];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      // The remainder keeps the angle exact where i · j is large.
      const angle = (sign * 2 * Math.PI * ((i * j) % n)) / n;
      cos.data[i * columns + j] = Math.cos(angle);
      sin.data[i * columns + j] = Math.sin(angle);
    }
  }
  return { cos: node.constant(cos), sin: node.constant(sin) };
}

/** `(real + i · imaginary) · (cos + i · sin)`, by `times`. */
function rotate(
  node: NodeContext,
  { real, imaginary }: Complex,
  { cos, sin }: { readonly cos: Value; readonly sin: Value },
  times: (x: Value, factor: Value) => Value,
): Complex {
  if (!imaginary) return { real: times(real, cos), imaginary: times(real, sin) };
  return {
    real: sub(node, times(real, cos), times(imaginary, sin)),
    imaginary: add(node, times(real, sin), times(imaginary, cos)),
  };
}

const each = ({ real, imaginary }: Complex, change: (x: Value) => Value): Complex => ({
  real: change(real),
  imaginary: imaginary && change(imaginary),
});

/** The transform along the last axis. */
export function transform(node: NodeContext, x: Complex, sign: number): Complex {
  const n = x.real.shape.at(-1)!;
  const lead = x.real.shape.slice(0, -1);
  const rank = lead.length;
  const a = n > LONGEST_PRODUCT ? factorOf(n) : n;
  if (a === n) {
    if (n > LONGEST_PRIME) node.unsupported(`its length ${n} does not factor, and the most is ${LONGEST_PRIME}`);
    const product = (of: Value, matrix: Value): Value =>
      node.reshape(node.emit('matmul', [node.reshape(of, [sizeOf(lead), n]), matrix], {}), [...lead, n]);
    return rotate(node, x, rotations(node, n, n, n, sign), product);
  }
  const b = n / a;
  const order = (...axes: number[]): number[] => [...lead.keys(), ...axes.map((axis) => rank + axis)];
  const swap = (of: Complex): Complex => each(of, (part) => node.transpose(part, order(1, 0)));
  const split = each(x, (part) => node.reshape(part, [...lead, a, b]));
  const columns = transform(node, swap(split), sign);
  const turned = rotate(node, columns, rotations(node, n, b, a, sign), (part, factor) => mul(node, part, factor));
  const rows = transform(node, swap(turned), sign);
  return each(swap(rows), (part) => node.reshape(part, [...lead, n]));
}

/** The largest factor up to {@link LONGEST_PRODUCT}; n itself where there is none. */
function factorOf(n: number): number {
  for (let a = Math.min(LONGEST_PRODUCT, Math.floor(n / 2)); a > 1; a--) if (n % a === 0) return a;
  return n;
}

/** Takes `[first, first + step, …]` along the last axis. */
export function take(node: NodeContext, x: Value, first: number, count: number, step = 1): Value {
  const last = x.shape.length - 1;
  return node.emit('slice', [x], {
    starts: x.shape.map((_, axis) => (axis === last ? first : 0)),
    steps: x.shape.map((_, axis) => (axis === last ? step : 1)),
    sizes: x.shape.with(last, count),
  });
}

/** Cuts or fills with zeros at the end of the last axis. */
export function resized(node: NodeContext, x: Value, length: number): Value {
  const more = length - x.shape.at(-1)!;
  if (more === 0) return x;
  const along = (amount: number): number[] => x.shape.map((_, axis) => (axis === x.shape.length - 1 ? amount : 0));
  return node.emit('pad', [x], { mode: 'constant', before: along(0), after: along(more), value: 0 });
}

/** All n numbers from the first n/2 + 1, when the signal behind them is real: `X[n - k]` is the conjugate of `X[k]`. */
function mirrored(node: NodeContext, { real, imaginary }: Complex, n: number): Complex {
  const half = Math.floor(n / 2) + 1;
  const count = n - half;
  const whole = (part: Value, sign: number): Value => {
    const first = resized(node, part, half);
    if (count === 0) return first;
    const rest = take(node, first, count, count, -1);
    const axis = first.shape.length - 1;
    return node.emit('concat', [first, sign < 0 ? mul(node, rest, -1) : rest], { axis });
  };
  return { real: whole(real, 1), imaginary: imaginary && whole(imaginary, -1) };
}

/**
 * `DFT`: inputs x `[..., 1 or 2]` (real, or real and imaginary), its length, since opset 20 the axis. One-sided, forward
 * it gives the first half of a real signal's transform, and inverse a real signal from that half.
 */
function dft(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const [isInverse, isHalf] = [node.flag('inverse'), node.flag('onesided')];
  const axisInput = node.opset < 20 ? undefined : node.optional(2);
  const given = axisInput ? node.number(axisInput, 'axis') : node.opset < 20 ? node.int('axis', 1) : -2;
  const axis = node.axis(given, rank);
  const parts = x.shape[rank - 1];
  if (axis === rank - 1 || parts < 1 || parts > 2)
    node.malformed(`it transforms axis ${axis} of [${x.shape.join(', ')}]`);
  const lengthInput = node.optional(1);
  const natural = isInverse && isHalf ? 2 * (x.shape[axis] - 1) : x.shape[axis];
  const n = lengthInput ? node.number(lengthInput, 'length') : natural;
  if (!(Number.isInteger(n) && n >= 1 && n <= LONGEST)) node.malformed(`its length is ${n}`);
  // The axis to transform becomes the last one.
  const others = x.shape.flatMap((_, i) => (i === axis || i === rank - 1 ? [] : [i]));
  const part = (index: number): Value => {
    const chosen = take(node, x, index, 1);
    const moved = node.transpose(chosen, [...others, rank - 1, axis]);
    return node.reshape(moved, [...others.map((i) => x.shape[i]), x.shape[axis]]);
  };
  const signal: Complex = { real: part(0), imaginary: parts === 2 ? part(1) : undefined };
  const whole = isInverse && isHalf ? mirrored(node, signal, n) : each(signal, (p) => resized(node, p, n));
  const result = transform(node, whole, isInverse ? 1 : -1);
  const count = isHalf && !isInverse ? Math.floor(n / 2) + 1 : n;
  const back = (p: Value): Value => {
    const kept = count === n ? p : take(node, p, 0, count);
    const scaled = isInverse ? mul(node, kept, 1 / n) : kept;
    const split = node.reshape(scaled, [...others.map((i) => x.shape[i]), count, 1]);
    const order = Array.from({ length: rank }, (_, i) =>
      i === axis ? rank - 2 : i === rank - 1 ? i : others.indexOf(i),
    );
    return node.transpose(split, order);
  };
  if (isInverse && isHalf) return back(result.real);
  return node.emit('concat', [back(result.real), back(result.imaginary!)], { axis: rank - 1 });
}

export const fourier: Readonly<Record<string, OperatorImporter>> = { DFT: dft };
