import { stridesOf, Tensor } from '../tensor';
import type { Reference } from './reference';
import { stridedOffsets } from './strided';

/**
 * Combines the values along some axes, in float64. Without axes each value is reduced alone.
 * An empty sum is 0, an empty product 1, an empty maximum -Infinity, an empty mean NaN.
 */
export const reduce: Reference<'reduce'> = ([x], { fn, axes }, [shape]) => {
  const y = Tensor.zeros(x.dtype, shape);
  // With stride 0 along each reduced axis, the output's strides give the target of each input element.
  const keptStrides = stridesOf(x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)));
  const targets = stridedOffsets(
    x.shape,
    keptStrides.map((stride, axis) => (axes.includes(axis) ? 0 : stride)),
  );
  const count = x.size / y.size;
  const fold = (initial: number, step: (sum: number, value: number, target: number) => number): Float64Array => {
    const sums = new Float64Array(y.size).fill(initial);
    for (let i = 0; i < x.size; i++) sums[targets[i]] = step(sums[targets[i]], x.data[i], targets[i]);
    return sums;
  };
  y.data.set(combine());
  return y;

  function combine(): Float64Array {
    switch (fn) {
      case 'mean':
        return fold(0, (sum, v) => sum + v).map((sum) => sum / count);
      case 'sum':
        return fold(0, (sum, v) => sum + v);
      case 'max':
        return fold(-Infinity, (max, v) => Math.max(max, v));
      case 'min':
        return fold(Infinity, (min, v) => Math.min(min, v));
      case 'prod':
        return fold(1, (product, v) => product * v);
      case 'sum-square':
        return fold(0, (sum, v) => sum + v * v);
      case 'l1':
        return fold(0, (sum, v) => sum + Math.abs(v));
      case 'l2':
        return fold(0, (sum, v) => sum + v * v).map(Math.sqrt);
      case 'log-sum-exp': {
        // Shifted by the maximum, so that nothing overflows; an infinite maximum is the result.
        const shifts = fold(-Infinity, (max, v) => Math.max(max, v)).map((max) => (Number.isFinite(max) ? max : 0));
        return fold(0, (sum, v, target) => sum + Math.exp(v - shifts[target])).map(
          (sum, i) => Math.log(sum) + shifts[i],
        );
      }
    }
  }
};
