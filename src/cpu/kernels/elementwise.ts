import { binaryFunction } from '../../reference/binary';
import { broadcastStrides } from '../../reference/strided';
import { unaryFunction } from '../../reference/unary';
import type { Shape } from '../../tensor';
import { makeActivation } from '../activation';
import type { KernelFamily } from '../kernel';
import { piecesPerPart } from './shares';

/** Numbers of a part. */
const PART_SIZE = 1 << 14;

export const unary: KernelFamily<'unary'> = {
  fits: () => true,
  bind({ attributes }, [x], [y]) {
    const apply = unaryFunction(attributes);
    const activate = makeActivation(attributes);
    const [source, result] = [x.data, y.data];
    return {
      parts: Math.ceil(y.size / PART_SIZE),
      run(part) {
        const from = part * PART_SIZE;
        const end = Math.min(y.size, from + PART_SIZE);
        if (result instanceof Float32Array) {
          result.set(source.subarray(from, end), from);
          activate(result, from, end);
        } else {
          for (let i = from; i < end; i++) result[i] = apply(source[i]);
        }
      },
    };
  },
};

export const binary: KernelFamily<'binary'> = {
  fits: () => true,
  bind({ attributes: { fn } }, [a, b], [y]) {
    const apply = binaryFunction(fn, a.dtype);
    const [left, right, result] = [a.data, b.data, y.data];
    // Integers wrap and round otherwise.
    const loop = a.dtype === 'float32' ? fn : undefined;
    const { length, count, aOffset, bOffset, aStep, bStep } = commonRuns(a.shape, b.shape, y.shape);
    const perPart = piecesPerPart(PART_SIZE, length, count);
    return {
      parts: Math.ceil(count / perPart),
      run(part) {
        for (let r = part * perPart; r < Math.min(count, (part + 1) * perPart); r++) {
          let i = aOffset(r);
          let j = bOffset(r);
          let at = r * length;
          const end = at + length;
          if (loop === 'add') for (; at < end; at++, i += aStep, j += bStep) result[at] = left[i] + right[j];
          else if (loop === 'sub') for (; at < end; at++, i += aStep, j += bStep) result[at] = left[i] - right[j];
          else if (loop === 'mul') for (; at < end; at++, i += aStep, j += bStep) result[at] = left[i] * right[j];
          else if (loop === 'div') for (; at < end; at++, i += aStep, j += bStep) result[at] = left[i] / right[j];
          else if (loop === 'prelu')
            for (; at < end; at++, i += aStep, j += bStep) result[at] = left[i] < 0 ? left[i] * right[j] : left[i];
          else for (; at < end; at++, i += aStep, j += bStep) result[at] = apply(left[i], right[j]);
        }
      },
    };
  },
};

/**
 * The output as runs of neighbours along which each operand advances by one number or by none. Equal shapes are one run
 * for each part's worth; a bias per channel gives a run per plane.
 */
function commonRuns(a: Shape, b: Shape, shape: Shape) {
  const [aStrides, bStrides] = [broadcastStrides(a, shape), broadcastStrides(b, shape)];
  let axis = shape.length;
  let length = 1;
  let [aStep, bStep] = [0, 0];
  // Axes join the run from the last on, as long as both operands go on as they began.
  while (axis > 0 && (length < PART_SIZE || shape[axis - 1] === 1)) {
    const next = axis - 1;
    if (shape[next] !== 1) {
      const steps = [aStrides[next], bStrides[next]];
      if (length === 1) [aStep, bStep] = [Math.min(steps[0], 1), Math.min(steps[1], 1)];
      else if (steps[0] !== aStep * length || steps[1] !== bStep * length) break;
      length *= shape[next];
    }
    axis = next;
  }
  const outer = shape.slice(0, axis);
  const offset =
    (strides: readonly number[]) =>
    (run: number): number => {
      let at = 0;
      for (let d = axis - 1; d >= 0; d--) {
        at += (run % outer[d]) * strides[d];
        run = Math.floor(run / outer[d]);
      }
      return at;
    };
  const count = outer.reduce((product, d) => product * d, 1);
  return { length, count, aStep, bStep, aOffset: offset(aStrides), bOffset: offset(bStrides) };
}
