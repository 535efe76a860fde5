import { aroundAxis } from '../../reference/strided';
import type { KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Numbers of a part. */
const PART_SIZE = 1 << 14;

export const softmax: KernelFamily<'softmax'> = {
  fits: () => true,
  bind({ attributes: { axis, log } }, [x], [y]) {
    const { outer, length, inner } = aroundAxis(x.shape, axis);
    const [source, result] = [x.data as Float32Array, y.data as Float32Array];
    const lines = outer * inner;
    const perPart = piecesPerPart(PART_SIZE, length, lines);
    return {
      parts: Math.ceil(lines / perPart),
      scratchSize: length,
      run(part, scratch) {
        for (let line = part * perPart; line < Math.min(lines, (part + 1) * perPart); line++) {
          const o = Math.floor(line / inner);
          const first = o * length * inner + (line - o * inner);
          let greatest = -Infinity;
          for (let k = 0, at = first; k < length; k++, at += inner) greatest = Math.max(greatest, source[at]);
          let sum = 0;
          for (let k = 0, at = first; k < length; k++, at += inner) {
            const power = Math.exp(source[at] - greatest);
            sum += power;
            scratch[k] = power;
          }
          const logSum = Math.log(sum);
          for (let k = 0, at = first; k < length; k++, at += inner) {
            result[at] = log ? source[at] - greatest - logSum : scratch[k] / sum;
          }
        }
      },
    };
  },
};
