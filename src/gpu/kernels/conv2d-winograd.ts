import inputWgsl from '../../../shaders/conv2d-winograd-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd-output.wgsl?raw';
import productWgsl from '../../../shaders/conv2d-winograd-product.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  type DeviceTraits,
  type Dispatch,
  type KernelContext,
  type PackedOperand,
  roundUp,
  type TensorDesc,
  tensor,
} from '../kernel';
import { defineShader, type Shader } from '../shader';
import { isPlain3x3 } from './conv2d-3x3';
import { paddedBlocks, slidingWindow, workgroups64 } from './conv2d-shared';
import { packBias } from './epilogue';

/** F(m×m, 3×3): how many outputs are made at once, and what does it. */
export interface WinogradScheme {
  readonly kernel: string;
  /** m */
  readonly outputs: number;
  /** Numbers of a transformed patch, (m + 2)². */
  readonly points: number;
  readonly input: Shader;
  readonly output: Shader;
  /** How many channels an invocation of the transforms holds. */
  readonly channels: 1 | 4;
  /** G g Gᵀ of the 3×3 filter at `offset`, written to `result`. */
  readonly transformFilter: (filters: ArrayLike<number>, offset: number, result: Float64Array) => Float64Array;
  /** Keeps transformed filters in float32 where the session stores float16. */
  readonly float32?: boolean;
}

/** How the products between the transforms are computed. */
export interface WinogradProduct {
  readonly setting: string;
  /** Blocks of output channels come in multiples of this, and tiles in multiples of that. */
  readonly blocks: number;
  readonly tiles: number;
  readonly shader: Shader;
  /** The transformed filters as the shader loads them; as `[points, C, O/4]` vec4 unless said otherwise. */
  readonly arrange?: (filters: PackedOperand, outBlocks: number) => PackedOperand;
  readonly constants: Dispatch['constants'];
  /** Workgroups along blocks of outputs and tiles. */
  readonly workgroups: readonly [x: number, y: number];
}

const productShader = defineShader('conv2d-winograd-product', productWgsl);

/** Tiles that one invocation of the product makes, as the shader is written. */
const TILES = 8;
/** With fewer channels than this the transforms cost more than the product saves. */
const LEAST_CHANNELS = 16;
/** What every WebGPU device binds: transformed pictures take four times the memory, and are not worth more. */
const MOST_SCRATCH_BYTES = 2 ** 27;

/**
 * One 3×3 filter at `offset` to 16 numbers: G g Gᵀ (Lavin and Gray 2016, section 4.1).
 *
 * @param result written to; a network has a hundred thousand filters, and somebody waits for its first answer
 */
export function transformFilter(
  filters: ArrayLike<number>,
  offset: number,
  result: Float64Array = new Float64Array(F2.points),
): Float64Array {
  /** G times three numbers that lie `step` apart, in place of four. */
  const apply = (at: number, step: number, a: number, b: number, c: number): void => {
    result[at] = a;
    result[at + step] = (a + b + c) / 2;
    result[at + 2 * step] = (a - b + c) / 2;
    result[at + 3 * step] = c;
  };
  for (let v = 0; v < 3; v++) apply(v, 4, filters[offset + v], filters[offset + 3 + v], filters[offset + 6 + v]);
  for (let row = 0; row < 16; row += 4) apply(row, 1, result[row], result[row + 1], result[row + 2]);
  return result;
}

const F2: WinogradScheme = {
  kernel: 'conv2d-winograd',
  outputs: 2,
  points: 16,
  input: defineShader('conv2d-winograd-input', inputWgsl),
  output: defineShader('conv2d-winograd-output', outputWgsl),
  channels: 4,
  transformFilter,
};

/** Weights `[O, C, 3, 3]` as `[points, lanes, O/4]` vec4, transformed in float64. */
function packTransformed(weight: TensorDesc, scheme: WinogradScheme, lanes: number, outBlocks: number): PackedOperand {
  const { kernel, points, transformFilter, float32 } = scheme;
  const [outChannels, inChannels] = weight.shape;
  return {
    kind: 'constant',
    key: `${weight.value}/${kernel}×${lanes}×${outBlocks}`,
    float32,
    pack: () => {
      const packed = new Float32Array(points * lanes * outBlocks * 4);
      const transformed = new Float64Array(points);
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < inChannels; c++) {
          transformFilter(weight.constant!.data, (o * inChannels + c) * 9, transformed);
          for (let p = 0; p < points; p++) packed[(p * lanes + c) * outBlocks * 4 + o] = transformed[p];
        }
      }
      return packed;
    },
  };
}

/** Below this much arithmetic a GPU is done before two more launches have paid for themselves. */
const LEAST_GPU_FLOPS = 2e8;

/** Whether Winograd's convolution is likely to be faster than the direct kernel; where not, tuning may still find so. */
export function winogradPays({ inputs: [, weight], outputs: [y], device }: KernelContext<'conv2d'>): boolean {
  const [outChannels, inChannels] = weight.shape;
  const [batch, , height, width] = y.shape;
  const tiles = batch * ceilDiv(height, 2) * ceilDiv(width, 2);
  if (device.software) return Math.min(outChannels, inChannels) >= 32 && tiles >= 32;
  return Math.min(outChannels, inChannels) >= 64 && 2 * 9 * 4 * tiles * inChannels * outChannels >= LEAST_GPU_FLOPS;
}

/** The product in register tiles of 8 by up to two blocks, on any device. */
export function tiledProduct(outBlocks: number, tiles: number, _turns: number, device: DeviceTraits): WinogradProduct {
  const blocks = outBlocks > 1 ? 2 : 1;
  const { constants, workgroups } = workgroups64([ceilDiv(outBlocks, blocks), ceilDiv(tiles, TILES), 1], device);
  return {
    setting: `${TILES}×${4 * blocks}`,
    blocks,
    tiles: 1,
    shader: productShader,
    constants: { ...constants, BLOCKS: blocks },
    workgroups: [workgroups[0], workgroups[1]],
  };
}

/**
 * 3×3 with stride 1 by 16 multiplications per 2×2 outputs instead of 36, in three passes over float32 scratch memory.
 * Sums and differences of neighbours lose about two bits, and an infinity becomes NaN in all of its tile.
 */
export const conv2dWinograd = (context: KernelContext<'conv2d'>): Candidate[] =>
  winogradCandidates(context, F2, [tiledProduct]);

/** Workgroups of 16 channels, a line of a CPU's cache, by four tiles. */
function workgroupsOfChannels(channels: number, tiles: number) {
  const workgroups: [number, number, number] = [ceilDiv(channels, 16), ceilDiv(tiles, 4), 1];
  return { constants: { WORKGROUP_X: 16, WORKGROUP_Y: 4 }, workgroups };
}

/** One candidate for each way to compute the products. */
export function winogradCandidates(
  context: KernelContext<'conv2d'>,
  scheme: WinogradScheme,
  products: readonly ((outBlocks: number, tiles: number, turns: number, device: DeviceTraits) => WinogradProduct)[],
): Candidate[] {
  if (!isPlain3x3(context)) return [];
  const { inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const [outChannels, inChannels] = weight.shape;
  if (Math.min(outChannels, inChannels) < LEAST_CHANNELS) return [];
  const [batch, , outHeight, outWidth] = y.shape;
  const tileRows = ceilDiv(outHeight, scheme.outputs);
  const tileColumns = ceilDiv(outWidth, scheme.outputs);
  const tiles = batch * tileRows * tileColumns;
  const inBlocks = channelBlocks(inChannels);
  const outBlocks = channelBlocks(outChannels);
  const scratch = (name: string, tiles: number, blocks: number) =>
    ({ kind: 'scratch', name, sizeBytes: scheme.points * tiles * blocks * 16 }) as const;
  const v = scratch('v', tiles, inBlocks);

  const packedBias = packBias(bias, outBlocks);
  const { constants, bind, params } = slidingWindow(context, packedBias);
  const counts = { tiles, tile_rows: tileRows, tile_columns: tileColumns };
  const grid = (blocks: number) =>
    scheme.channels === 4 ? workgroups64([blocks, tiles, 1], device) : workgroupsOfChannels(4 * blocks, tiles);
  const inputGrid = grid(inBlocks);
  const outputGrid = grid(outBlocks);
  return products.flatMap((make): Candidate[] => {
    const product = make(outBlocks, tiles, scheme.points * inBlocks, device);
    const productBlocks = paddedBlocks(outChannels, product.blocks);
    const filters = packTransformed(weight, scheme, 4 * inBlocks, productBlocks);
    const u = product.arrange?.(filters, productBlocks) ?? filters;
    const m = scratch('m', roundUp(tiles, product.tiles), productBlocks);
    if (Math.max(v.sizeBytes, m.sizeBytes) > MOST_SCRATCH_BYTES) return [];
    const dispatches: Dispatch[] = [
      {
        shader: scheme.input,
        constants: inputGrid.constants,
        bind: { x: tensor(x), v },
        params: {
          x: params.x,
          in_height: params.in_height,
          in_width: params.in_width,
          padding: params.padding,
          in_blocks: inBlocks,
          ...counts,
        },
        workgroups: inputGrid.workgroups,
      },
      {
        shader: product.shader,
        constants: product.constants,
        bind: { v, u, m },
        params: {
          tiles,
          points: scheme.points,
          in_blocks: inBlocks,
          out_blocks: productBlocks,
        },
        workgroups: [...product.workgroups, scheme.points],
        storage: scheme.float32 ? 'float32' : 'float',
      },
      {
        shader: scheme.output,
        constants: { ...constants, ...outputGrid.constants },
        bind: { m, bias: packedBias, y: tensor(y), ...bind },
        params: {
          residual: params.residual,
          y: params.y,
          out_height: outHeight,
          out_width: outWidth,
          out_blocks: outBlocks,
          product_blocks: productBlocks,
          out_channels: outChannels,
          alpha: params.alpha,
          beta: params.beta,
          ...counts,
        },
        workgroups: outputGrid.workgroups,
      },
    ];
    return [{ kernel: scheme.kernel, setting: product.setting, dispatches }];
  });
}
