import { makeStore } from '../epilogue';
import type { KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Multiply-adds of a part. */
const PART_SIZE = 1 << 18;

/** Fully connected layer: four outputs at a time, so that each input that is read counts four times. */
export const dense: KernelFamily<'dense'> = {
  fits: () => true,
  bind({ attributes }, [x, weight, bias, residual], [y]) {
    const [outputs, depth] = weight.shape;
    const rows = y.size / outputs;
    const [source, weights, shifts] = [x.data as Float32Array, weight.data as Float32Array, bias.data as Float32Array];
    const store = makeStore(attributes, new Float32Array(1), residual, y);
    const perPart = 4 * piecesPerPart(PART_SIZE, 4 * depth, Math.ceil(outputs / 4));
    const parts = Math.ceil(outputs / perPart);

    const dotRows = (from: number, first: number, end: number, sums: Float32Array): void => {
      const last = outputs - 1;
      for (let o = first; o < end; o += 4) {
        // Past the last output, the last is computed again.
        let w0 = o * depth;
        let w1 = Math.min(o + 1, last) * depth;
        let w2 = Math.min(o + 2, last) * depth;
        let w3 = Math.min(o + 3, last) * depth;
        let [s0, s1, s2, s3] = [0, 0, 0, 0];
        for (let k = from; k < from + depth; k++) {
          const v = source[k];
          s0 += v * weights[w0++];
          s1 += v * weights[w1++];
          s2 += v * weights[w2++];
          s3 += v * weights[w3++];
        }
        const at = o - first;
        sums[at] = s0 + shifts[o];
        sums[at + 1] = s1 + shifts[Math.min(o + 1, last)];
        sums[at + 2] = s2 + shifts[Math.min(o + 2, last)];
        sums[at + 3] = s3 + shifts[Math.min(o + 3, last)];
      }
    };

    return {
      parts: rows * parts,
      scratchSize: perPart,
      run(part, scratch) {
        const row = Math.floor(part / parts);
        const first = (part % parts) * perPart;
        const end = Math.min(outputs, first + perPart);
        dotRows(row * depth, first, end, scratch);
        store.row(scratch, 0, end - first, 0, row * outputs, first);
      },
    };
  },
};
