import { Tensor } from '../tensor';
import { applyEpilogue } from './epilogue';
import type { Reference } from './reference';

/** Fully connected layer: `y[r,o] = epilogue(bias[o] + Σ x[r,k] · weight[o,k])`. */
export const dense: Reference<'dense'> = ([x, weight, bias, residual], attributes, [shape]) => {
  const [outputs, features] = weight.shape;
  const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const source = x.data;
  const weights = weight.data;
  const sums = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias.data[o];
      for (let k = 0; k < features; k++) sum += source[r * features + k] * weights[o * features + k];
      sums[r * outputs + o] = sum;
    }
  }
  return Tensor.float32(shape, applyEpilogue(sums, residual, attributes));
};
