import inputWgsl from '../../../shaders/conv2d-winograd6-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd6-output.wgsl?raw';
import { defineShader } from '../shader';
import type { WinogradScheme } from './conv2d-winograd';
import { winogradByQuads } from './conv2d-winograd4';

/** Winograd 1980, in the points 0, ±1, ±2, ±1/2 and ∞. */
export const F6: WinogradScheme = {
  kernel: 'conv2d-winograd6',
  outputs: 6,
  input: defineShader('conv2d-winograd6-input', inputWgsl),
  output: defineShader('conv2d-winograd6-output', outputWgsl),
  channels: 1,
  filterTransform: (result, at, step, a, b, c) => {
    result[at] = a;
    result[at + step] = (-2 * (a + b + c)) / 9;
    result[at + 2 * step] = (-2 * (a - b + c)) / 9;
    result[at + 3 * step] = (a + 2 * b + 4 * c) / 90;
    result[at + 4 * step] = (a - 2 * b + 4 * c) / 90;
    result[at + 5 * step] = (8 * (4 * a + 2 * b + c)) / 45;
    result[at + 6 * step] = (8 * (4 * a - 2 * b + c)) / 45;
    result[at + 7 * step] = c;
  },
  // The way back multiplies by up to 1024.
  float32: true,
};

/**
 * 3×3 with stride 1 by 64 multiplications per 6×6 outputs instead of 324, in three passes over float32 scratch memory.
 * Loses about five bits, as its transforms add up multiples of up to 32 in both directions; an infinity becomes NaN in
 * all of its tile.
 */
export const conv2dWinograd6 = winogradByQuads(F6, { input: 50, output: 75 });
