import { Tensor } from '../tensor';
import type { Reference } from './reference';
import { broadcastOffsets } from './strided';

/**
 * Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1): `softmax(scale · q kᵀ + mask) v`. A query whose
 * scores are all -infinity, or contain NaN or +infinity, gives NaN, as softmax does.
 */
export const attention: Reference<'attention'> = ([q, k, v, mask], { scale }, [shape]) => {
  const [queries, width] = shape.slice(-2);
  const [keys, depth] = k.shape.slice(-2);
  const batch = shape.slice(0, -2);
  const [ofQ, ofK, ofV] = [q, k, v].map((tensor) => broadcastOffsets(tensor.shape.slice(0, -2), batch));
  const ofMask = mask && broadcastOffsets(mask.shape, [...batch, queries, keys]);
  const y = Tensor.float32(shape);
  const scores = new Float64Array(keys);
  const sums = new Float64Array(width);
  for (let matrix = 0; matrix < ofQ.length; matrix++) {
    for (let i = 0; i < queries; i++) {
      const row = matrix * queries + i;
      const query = (ofQ[matrix] * queries + i) * depth;
      let greatest = -Infinity;
      for (let j = 0; j < keys; j++) {
        const key = (ofK[matrix] * keys + j) * depth;
        let product = 0;
        for (let d = 0; d < depth; d++) product += q.data[query + d] * k.data[key + d];
        scores[j] = scale * product + (ofMask ? mask.data[ofMask[row * keys + j]] : 0);
        greatest = Math.max(greatest, scores[j]);
      }
      sums.fill(0);
      let total = 0;
      for (let j = 0; j < keys; j++) {
        const weight = Math.exp(scores[j] - greatest);
        total += weight;
        const value = (ofV[matrix] * keys + j) * width;
        for (let e = 0; e < width; e++) sums[e] += weight * v.data[value + e];
      }
      for (let e = 0; e < width; e++) y.data[row * width + e] = sums[e] / total;
    }
  }
  return y;
};
