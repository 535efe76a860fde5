import quadWgsl from '../../../shaders/conv2d-winograd-product-quad.wgsl?raw';
import inputWgsl from '../../../shaders/conv2d-winograd4-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd4-output.wgsl?raw';
import type { DeviceTraits } from '../adapter-profile';
import { defineShader } from '../shader';
import { inMatrices, type QuadWork, quadTile } from './conv2d-quad';
import {
  productWork,
  tiledProduct,
  type WinogradProduct,
  type WinogradScheme,
  winogradCandidates,
} from './conv2d-winograd';
import type { SoftwareVariant } from './convolution';

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

/** The product by quads that share what they load. */
function quadProduct(work: QuadWork, device: DeviceTraits): WinogradProduct {
  const { tile, grid, setting } = quadTile(quadShader, work, device);
  return {
    setting: `quads of ${setting}`,
    blocks: 4 * tile.blocks,
    tiles: 4 * tile.pixels * device.profile.quadTile.quadsPerWorkgroup,
    shader: quadShader,
    arrange: inMatrices,
    grid,
  };
}

/**
 * A scheme with products by quads, where they may pay.
 *
 * @param loads what the transforms of four channels of a tile take, there and back
 * @param pipelines how many more it needs than a direct kernel
 */
export const winogradByQuads = (
  scheme: WinogradScheme,
  loads: { readonly input: number; readonly output: number },
  pipelines: number,
): SoftwareVariant => ({
  candidates: (context) => {
    const products = context.device.profile.quads === 'never' ? [tiledProduct] : [quadProduct, tiledProduct];
    return winogradCandidates(context, scheme, products);
  },
  cost: (context) => {
    const work = productWork(context, scheme);
    const inBlocks = work.iterations / (scheme.outputs + 2) ** 2;
    const transforms = work.count * (loads.input * inBlocks + loads.output * work.outBlocks);
    const { profile } = context.device;
    return quadTile(quadShader, work, context.device).cost + transforms + pipelines * profile.pipelineLoads;
  },
});

/**
 * 3×3 with stride 1 by 36 multiplications per 4×4 outputs instead of 144, in three passes over float32 scratch memory.
 * Loses about four bits, as its transforms add up multiples of up to 8 in both directions; an infinity becomes NaN in
 * all of its tile.
 */
export const conv2dWinograd4 = winogradByQuads(F4, { input: 25, output: 39 }, 1);
