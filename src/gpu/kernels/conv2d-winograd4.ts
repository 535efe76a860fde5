import quadWgsl from '../../../shaders/conv2d-winograd-product-quad.wgsl?raw';
import inputWgsl from '../../../shaders/conv2d-winograd4-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd4-output.wgsl?raw';
import type { DeviceTraits } from '../adapter-profile';
import type { Candidate, KernelContext } from '../kernel';
import { defineShader } from '../shader';
import { type QuadWork, quadTiles } from './conv2d-quad';
import {
  productWork,
  tiledProduct,
  type WinogradProduct,
  type WinogradScheme,
  winogradCandidates,
} from './conv2d-winograd';
import { inMatrices } from './packing';

const quadShader = defineShader('conv2d-winograd-product-quad', quadWgsl);

/** Lavin and Gray 2016, section 4.2. */
export const F4: WinogradScheme = {
  kernel: 'conv2d-winograd4',
  outputs: 4,
  input: defineShader('conv2d-winograd4-input', inputWgsl),
  output: defineShader('conv2d-winograd4-output', outputWgsl),
  channels: 1,
  filterTransform: (result, at, step, a, b, c) => {
    result[at] = a / 4;
    result[at + step] = -(a + b + c) / 6;
    result[at + 2 * step] = -(a - b + c) / 6;
    result[at + 3 * step] = (a + 2 * b + 4 * c) / 24;
    result[at + 4 * step] = (a - 2 * b + 4 * c) / 24;
    result[at + 5 * step] = c;
  },
  // The way back multiplies by up to 64: float16's error in a filter would show in the second decimal.
  float32: true,
};

/** The products by quads that share what they load. */
const quadProducts = (work: QuadWork, device: DeviceTraits): WinogradProduct[] =>
  quadTiles(quadShader, work, device).map(({ tile, grid, setting, loads }) => ({
    setting: `quads of ${setting}`,
    blocks: 4 * tile.blocks,
    tiles: 4 * tile.pixels * device.profile.quadTile.quadsPerWorkgroup,
    shader: quadShader,
    arrange: inMatrices,
    grid,
    loads,
  }));

/**
 * A scheme with products by quads, where they may pay.
 *
 * @param loads what the transforms of four channels of a tile take, there and back
 */
export const winogradByQuads =
  (scheme: WinogradScheme, loads: { readonly input: number; readonly output: number }) =>
  (context: KernelContext<'conv2d'>): Candidate[] => {
    const { device } = context;
    const work = productWork(context, scheme);
    const inBlocks = work.iterations / (scheme.outputs + 2) ** 2;
    const transforms = work.count * (loads.input * inBlocks + loads.output * work.outBlocks);
    const byQuads = device.profile.quads === 'never' ? [] : quadProducts(work, device);
    return winogradCandidates(context, scheme, [
      ...byQuads.map((product) => ({ ...product, loads: product.loads! + transforms })),
      tiledProduct(work, device),
    ]);
  };

/**
 * 3×3 with stride 1 by 36 multiplications per 4×4 outputs instead of 144, in three passes over float32 scratch memory.
 * Loses about four bits, as its transforms add up multiples of up to 8 in both directions; an infinity becomes NaN in
 * all of its tile.
 */
export const conv2dWinograd4 = winogradByQuads(F4, { input: 25, output: 39 });
