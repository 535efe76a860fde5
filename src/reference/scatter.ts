import { ArgumentError } from '../errors';
import type { OperatorAttributes } from '../operators';
import { sizeOf, Tensor } from '../tensor';
import type { Reference } from './reference';

type Reduction = OperatorAttributes['scatter']['reduction'];

/**
 * Rows of x, replaced by updates or combined with them, in their order; rows outside x are ignored. NaN wins over every
 * number. ONNX ScatterND and ScatterElements are this over rows of some length, and over single elements.
 */
export const scatter: Reference<'scatter'> = ([x, indices, updates], { reduction }, [shape]) => {
  const width = sizeOf(shape.slice(1));
  const integer = x.dtype !== 'float32';
  const rows = Float64Array.from(x.data);
  for (const [k, row] of indices.data.entries()) {
    if (row < 0 || row >= shape[0]) continue;
    for (let i = 0; i < width; i++) {
      rows[row * width + i] = combine(rows[row * width + i], updates.data[k * width + i], reduction, integer);
    }
  }
  const y = Tensor.zeros(x.dtype, shape);
  y.data.set(rows);
  return y;
};

/** Integers keep their low 32 bits. */
function combine(a: number, b: number, reduction: Reduction, integer: boolean): number {
  switch (reduction) {
    case 'none':
      return b;
    case 'add':
      return integer ? (a + b) | 0 : a + b;
    case 'mul':
      return integer ? Math.imul(a, b) : a * b;
    case 'max':
      return Math.max(a, b);
    case 'min':
      return Math.min(a, b);
    default:
      throw new ArgumentError(`unknown reduction ${reduction satisfies never}`);
  }
}
