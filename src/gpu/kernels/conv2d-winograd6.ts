import inputWgsl from '../../../shaders/conv2d-winograd6-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd6-output.wgsl?raw';
import type { Candidate, KernelContext } from '../kernel';
import { defineShader } from '../shader';
import { quadsMayPay } from './conv2d-quad';
import { tiledProduct, type WinogradScheme, winogradCandidates } from './conv2d-winograd';
import { quadProduct } from './conv2d-winograd4';

/** One 3×3 filter at `offset` to 64 numbers: G g Gᵀ (Winograd 1980, in the points 0, ±1, ±2, ±1/2 and ∞). */
export function transformFilter6(
  filters: ArrayLike<number>,
  offset: number,
  result: Float64Array = new Float64Array(F6.points),
): Float64Array {
  /** G times three numbers that lie `step` apart, in place of eight. */
  const apply = (at: number, step: number, a: number, b: number, c: number): void => {
    result[at] = a;
    result[at + step] = (-2 * (a + b + c)) / 9;
    result[at + 2 * step] = (-2 * (a - b + c)) / 9;
    result[at + 3 * step] = (a + 2 * b + 4 * c) / 90;
    result[at + 4 * step] = (a - 2 * b + 4 * c) / 90;
    result[at + 5 * step] = (8 * (4 * a + 2 * b + c)) / 45;
    result[at + 6 * step] = (8 * (4 * a - 2 * b + c)) / 45;
    result[at + 7 * step] = c;
  };
  for (let v = 0; v < 3; v++) apply(v, 8, filters[offset + v], filters[offset + 3 + v], filters[offset + 6 + v]);
  for (let row = 0; row < 64; row += 8) apply(row, 1, result[row], result[row + 1], result[row + 2]);
  return result;
}

const F6: WinogradScheme = {
  kernel: 'conv2d-winograd6',
  outputs: 6,
  points: 64,
  input: defineShader('conv2d-winograd6-input', inputWgsl),
  output: defineShader('conv2d-winograd6-output', outputWgsl),
  channels: 1,
  transformFilter: transformFilter6,
  // The way back multiplies by up to 1024.
  float32: true,
};

/**
 * 3×3 with stride 1 by 64 multiplications per 6×6 outputs instead of 324, in three passes over float32 scratch memory.
 * Loses about five bits, as its transforms add up multiples of up to 32 in both directions; an infinity becomes NaN in
 * all of its tile.
 */
export const conv2dWinograd6 = (context: KernelContext<'conv2d'>): Candidate[] =>
  winogradCandidates(context, F6, quadsMayPay(context.device) ? [quadProduct, tiledProduct] : [tiledProduct]);
