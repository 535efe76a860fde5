import inputWgsl from '../../../shaders/conv2d-winograd-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd-output.wgsl?raw';
import productWgsl from '../../../shaders/conv2d-winograd-product.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  type KernelContext,
  type Operand,
  type TensorDesc,
  tensor,
} from '../kernel';
import { defineShader } from '../shader';
import { isPlain3x3 } from './conv2d-3x3';
import { paddedBlocks, slidingWindow, workgroups64 } from './conv2d-shared';
import { packBias } from './epilogue';

const inputShader = defineShader('conv2d-winograd-input', inputWgsl);
const productShader = defineShader('conv2d-winograd-product', productWgsl);
const outputShader = defineShader('conv2d-winograd-output', outputWgsl);

/** Numbers of a transformed 4×4 patch. */
const POINTS = 16;
/** Tiles of 2×2 outputs that one invocation of the product makes, as the shader is written. */
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
  result = new Float64Array(POINTS),
): Float64Array {
  /** G times three numbers that lie `step` apart, in place of four. */
  const apply = (at: number, step: number, a: number, b: number, c: number): void => {
    result[at] = a;
    result[at + step] = (a + b + c) / 2;
    result[at + 2 * step] = (a - b + c) / 2;
    result[at + 3 * step] = c;
  };
  for (let v = 0; v < 3; v++) apply(v, 4, filters[offset + v], filters[offset + 3 + v], filters[offset + 6 + v]);
  for (let row = 0; row < POINTS; row += 4) apply(row, 1, result[row], result[row + 1], result[row + 2]);
  return result;
}

/** Weights `[O, C, 3, 3]` as `[16, lanes, O/4]` vec4, transformed in float64. */
function packTransformed(weight: TensorDesc, lanes: number, outBlocks: number): Operand {
  const [outChannels, inChannels] = weight.shape;
  return {
    kind: 'constant',
    key: `${weight.value}/winograd×${lanes}×${outBlocks}`,
    pack: () => {
      const packed = new Float32Array(POINTS * lanes * outBlocks * 4);
      const transformed = new Float64Array(POINTS);
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < inChannels; c++) {
          transformFilter(weight.constant!.data, (o * inChannels + c) * 9, transformed);
          for (let p = 0; p < POINTS; p++) packed[(p * lanes + c) * outBlocks * 4 + o] = transformed[p];
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

/**
 * 3×3 with stride 1 by 16 multiplications per 2×2 outputs instead of 36, in three passes over float32 scratch memory.
 * Sums and differences of neighbours lose about two bits, and an infinity becomes NaN in all of its tile.
 */
export function conv2dWinograd(context: KernelContext<'conv2d'>): Candidate[] {
  if (!isPlain3x3(context)) return [];
  const { inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  const [outChannels, inChannels] = weight.shape;
  if (Math.min(outChannels, inChannels) < LEAST_CHANNELS) return [];
  const [batch, , outHeight, outWidth] = y.shape;
  const tileRows = ceilDiv(outHeight, 2);
  const tileColumns = ceilDiv(outWidth, 2);
  const tiles = batch * tileRows * tileColumns;
  const inBlocks = channelBlocks(inChannels);
  const outBlocks = channelBlocks(outChannels);
  const scratch = (name: string, blocks: number) =>
    ({ kind: 'scratch', name, sizeBytes: POINTS * tiles * blocks * 16 }) as const;
  const v = scratch('v', inBlocks);
  const m = scratch('m', outBlocks);
  if (Math.max(v.sizeBytes, m.sizeBytes) > MOST_SCRATCH_BYTES) return [];

  const blocks = outBlocks > 1 ? 2 : 1;
  const weightBlocks = paddedBlocks(outChannels, blocks);
  const packedBias = packBias(bias, outBlocks);
  const { constants, bind, params } = slidingWindow(context, packedBias);
  const counts = { tiles, tile_rows: tileRows, tile_columns: tileColumns };
  const inputGrid = workgroups64([inBlocks, tiles, 1], device);
  const productGrid = workgroups64([ceilDiv(outBlocks, blocks), ceilDiv(tiles, TILES), 1], device);
  const outputGrid = workgroups64([outBlocks, tiles, 1], device);
  return [
    {
      kernel: 'conv2d-winograd',
      setting: `${TILES}×${4 * blocks}`,
      dispatches: [
        {
          shader: inputShader,
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
          shader: productShader,
          constants: { ...productGrid.constants, BLOCKS: blocks },
          bind: { v, u: packTransformed(weight, 4 * inBlocks, weightBlocks), m },
          params: { tiles, in_blocks: inBlocks, out_blocks: outBlocks, weight_blocks: weightBlocks },
          workgroups: [productGrid.workgroups[0], productGrid.workgroups[1], POINTS],
        },
        {
          shader: outputShader,
          constants: { ...constants, ...outputGrid.constants },
          bind: { m, bias: packedBias, y: tensor(y), ...bind },
          params: {
            residual: params.residual,
            y: params.y,
            out_height: outHeight,
            out_width: outWidth,
            out_blocks: outBlocks,
            out_channels: outChannels,
            alpha: params.alpha,
            beta: params.beta,
            ...counts,
          },
          workgroups: outputGrid.workgroups,
        },
      ],
    },
  ];
}
