import { text } from '../../../operators/checks';
import { NO_EPILOGUE } from '../../../operators/epilogue';
import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { BOOL } from '../types';
import { add, asFloat, cast, mul, scalar, sub, unary, zeros } from './arithmetic';
import { einsum } from './einsum';

/** NumPy's `matmul`: a vector counts as one row on the left, as one column on the right. */
export function matmul(node: NodeContext, left: Value, right: Value): Value {
  const isVector = [left.shape.length === 1, right.shape.length === 1];
  const a = isVector[0] ? node.reshape(left, [1, ...left.shape]) : left;
  const b = isVector[1] ? node.reshape(right, [...right.shape, 1]) : right;
  const product = multiply(node, a, node.weight(b));
  const kept = product.shape.filter(
    (_, axis, { length }) => !(isVector[0] && axis === length - 2) && !(isVector[1] && axis === length - 1),
  );
  return node.reshape(product, kept);
}

/** A known matrix on the right is a dense layer's weight. */
function multiply(node: NodeContext, a: Value, b: Value): Value {
  if (b.shape.length !== 2 || !node.known(b)) return node.emit('matmul', [a, b], {});
  return node.emit('dense', [a, node.transpose(b, [1, 0]), zeros(node, [b.shape[1]])], NO_EPILOGUE);
}

function matMul(node: NodeContext): Value {
  const [a, b] = [node.input(0), node.input(1)];
  if (node.isFloat(a)) return matmul(node, a, b);
  return cast(node, unary(node, 'round', matmul(node, asFloat(node, a), asFloat(node, b))), a.type);
}

const gemm: OperatorImporter = (node) => multiplyAdd(node, node.input(0), node.input(1), node.optional(2));

/** `α·A·B + β·C`, as a dense layer where B and a bias per column are known. */
export function multiplyAdd(node: NodeContext, left: Value, right: Value, c: Value | undefined): Value {
  const transposed = (value: Value, flag: boolean): Value => {
    if (value.shape.length !== 2) node.malformed(`input ${text(value.shape)} is not a matrix`);
    return flag ? node.transpose(value, [1, 0]) : value;
  };
  const scaled = (value: Value, factor: number): Value => (factor === 1 ? value : mul(node, value, factor));
  const a = transposed(asFloat(node, left), node.flag('transA'));
  const weight = node.weight(asFloat(node, right));
  const alpha = node.float('alpha', 1);
  const beta = node.float('beta', 1);
  const offset = c && scaled(node.weight(asFloat(node, c)), beta);
  if (!node.known(weight)) {
    const product = scaled(node.emit('matmul', [a, transposed(weight, node.flag('transB'))], {}), alpha);
    return offset ? add(node, product, offset) : product;
  }
  const rows = scaled(transposed(weight, !node.flag('transB')), alpha);
  const bias = offset && biasOf(node, offset, rows.shape[0]);
  const product = node.emit('dense', [a, rows, bias ?? zeros(node, [rows.shape[0]])], NO_EPILOGUE);
  return offset && !bias ? add(node, product, offset) : product;
}

/** C as one number per column, where it is known and the same for all rows. */
function biasOf(node: NodeContext, c: Value, columns: number): Value | undefined {
  const { shape } = c;
  if (!node.known(c) || shape.length > 2 || (shape.length === 2 && shape[0] !== 1)) return undefined;
  const length = shape.at(-1) ?? 1;
  if (length !== 1 && length !== columns) return undefined;
  return node.expand(node.reshape(c, [length]), [columns]);
}

/** Multiplies `axis` by a matrix `[input, output]`. */
export function alongAxis(node: NodeContext, x: Value, axis: number, matrix: Value): Value {
  const last = x.shape.length - 1;
  const swapped = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const rows = x.shape.length === 1 ? node.reshape(x, [1, x.shape[0]]) : node.transpose(x, swapped);
  const product = node.emit('matmul', [rows, matrix], {});
  return x.shape.length === 1 ? node.reshape(product, [product.shape[1]]) : node.transpose(product, swapped);
}

/** The longest side of a triangle that is kept: its mask is a constant. */
const LARGEST_TRIANGLE = 2 ** 12;

/** The upper or the lower triangle of each matrix, `k` diagonals above the main one; zeros elsewhere. */
function trilu(node: NodeContext): Value {
  const x = node.input(0);
  if (x.shape.length < 2) node.malformed(`input ${text(x.shape)} is not a matrix`);
  const [rows, columns] = x.shape.slice(-2);
  if (Math.max(rows, columns) > LARGEST_TRIANGLE) {
    node.unsupported(`its matrix is ${rows} × ${columns}, and the most is ${LARGEST_TRIANGLE}`, x);
  }
  const given = node.optional(1);
  const k = given ? node.number(given, 'k') : 0;
  const isUpper = node.flag('upper', true);
  const mask = Tensor.bool([rows, columns]);
  for (let i = 0; i < mask.size; i++) {
    const above = (i % columns) - Math.floor(i / columns);
    mask.data[i] = Number(isUpper ? above >= k : above <= k);
  }
  if (x.type === BOOL) return node.emit('binary', [x, node.constant(mask)], { fn: 'and' });
  return node.emit('where', [node.constant(mask), x, scalar(node, 0, x)], {});
}

/** The largest matrix whose determinant is written out: each size takes twice the products of the one before. */
const LARGEST_DETERMINANT = 6;

/** Laplace's expansion along rows; each minor of the last rows is computed once. */
function determinant(node: NodeContext): Value {
  const x = node.input(0);
  const rank = x.shape.length;
  const [size, columns] = x.shape.slice(-2);
  if (rank < 2 || size !== columns) node.malformed(`input ${text(x.shape)} has no square matrices`);
  const lead = x.shape.slice(0, -2);
  if (size > LARGEST_DETERMINANT) {
    node.unsupported(`its matrices are ${size} × ${size}, and the most is ${LARGEST_DETERMINANT}`, zeros(node, lead));
  }
  const entry = (row: number, column: number): Value => {
    const starts = [...lead.map(() => 0), row, column];
    return node.reshape(node.emit('slice', [x], { starts, steps: starts.map(() => 1), sizes: [...lead, 1, 1] }), lead);
  };
  const minors = new Map<string, Value>();
  const minor = (row: number, left: readonly number[]): Value => {
    if (left.length === 1) return entry(row, left[0]);
    const key = left.join();
    const known = minors.get(key);
    if (known) return known;
    const terms = left.map((column) =>
      mul(
        node,
        entry(row, column),
        minor(
          row + 1,
          left.filter((c) => c !== column),
        ),
      ),
    );
    const sum = terms.reduce((total, term, i) => (i % 2 === 0 ? add : sub)(node, total, term));
    minors.set(key, sum);
    return sum;
  };
  return minor(
    0,
    Array.from({ length: size }, (_, i) => i),
  );
}

export const matrices: Readonly<Record<string, OperatorImporter>> = {
  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
  Det: determinant,
  Trilu: trilu,
};
