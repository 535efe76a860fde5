import quadWgsl from '../../../shaders/conv2d-winograd-product-quad.wgsl?raw';
import inputWgsl from '../../../shaders/conv2d-winograd4-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd4-output.wgsl?raw';
import type { Candidate, DeviceTraits, KernelContext } from '../kernel';
import { defineShader } from '../shader';
import { inMatrices, PRODUCT_TILES, quadsMayPay, quadTile } from './conv2d-quad';
import { tiledProduct, type WinogradProduct, type WinogradScheme, winogradCandidates } from './conv2d-winograd';

const quadShader = defineShader('conv2d-winograd-product-quad', quadWgsl);

/** One 3×3 filter at `offset` to 36 numbers: G g Gᵀ (Lavin and Gray 2016, section 4.2). */
export function transformFilter4(
  filters: ArrayLike<number>,
  offset: number,
  result: Float64Array = new Float64Array(F4.points),
): Float64Array {
  /** G times three numbers that lie `step` apart, in place of six. */
  const apply = (at: number, step: number, a: number, b: number, c: number): void => {
    result[at] = a / 4;
    result[at + step] = -(a + b + c) / 6;
    result[at + 2 * step] = -(a - b + c) / 6;
    result[at + 3 * step] = (a + 2 * b + 4 * c) / 24;
    result[at + 4 * step] = (a - 2 * b + 4 * c) / 24;
    result[at + 5 * step] = c;
  };
  for (let v = 0; v < 3; v++) apply(v, 6, filters[offset + v], filters[offset + 3 + v], filters[offset + 6 + v]);
  for (let row = 0; row < 36; row += 6) apply(row, 1, result[row], result[row + 1], result[row + 2]);
  return result;
}

const F4: WinogradScheme = {
  kernel: 'conv2d-winograd4',
  outputs: 4,
  points: 36,
  input: defineShader('conv2d-winograd4-input', inputWgsl),
  output: defineShader('conv2d-winograd4-output', outputWgsl),
  channels: 1,
  transformFilter: transformFilter4,
  // The way back multiplies by up to 64: float16's error in a filter would show in the second decimal.
  float32: true,
};

/** The product by quads that share what they load. */
export function quadProduct(outBlocks: number, tiles: number, turns: number, device: DeviceTraits): WinogradProduct {
  const { blocks, fours, constants, workgroups, setting } = quadTile(outBlocks, tiles, turns, device, PRODUCT_TILES);
  return {
    setting: `quads of ${setting}`,
    blocks: 4 * blocks,
    tiles: 4 * fours * constants.WORKGROUP_Y,
    shader: quadShader,
    arrange: inMatrices,
    constants,
    workgroups,
  };
}

/**
 * 3×3 with stride 1 by 36 multiplications per 4×4 outputs instead of 144, in three passes over float32 scratch memory.
 * Loses about four bits, as its transforms add up multiples of up to 8 in both directions; an infinity becomes NaN in
 * all of its tile.
 */
export const conv2dWinograd4 = (context: KernelContext<'conv2d'>): Candidate[] =>
  winogradCandidates(context, F4, quadsMayPay(context.device) ? [quadProduct, tiledProduct] : [tiledProduct]);
