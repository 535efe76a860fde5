import inputWgsl from '../../../shaders/conv2d-winograd-input.wgsl?raw';
import outputWgsl from '../../../shaders/conv2d-winograd-output.wgsl?raw';
import productWgsl from '../../../shaders/conv2d-winograd-product.wgsl?raw';
import type { DeviceTraits } from '../adapter-profile';
import { boxGrid, type Grid } from '../grid';
import { type Candidate, type Dispatch, dispatch, type KernelContext, type PackedOperand, scratch } from '../kernel';
import { ceilDiv, channelBlocks, roundUp, type TensorDesc } from '../layout';
import { defineShader, type Shader } from '../shader';
import { isPlain3x3 } from './conv2d-3x3';
import type { QuadWork } from './conv2d-quad';
import { packedConvolution } from './convolution';
import { packConstant } from './packing';

type Context = KernelContext<'conv2d'>;

/** F(m×m, 3×3): how many outputs are made at once, and what does it. */
export interface WinogradScheme {
  readonly kernel: string;
  /** m */
  readonly outputs: number;
  readonly input: Shader;
  readonly output: Shader;
  /** Channels that an invocation of the transforms holds. */
  readonly channels: 1 | 4;
  /** Writes G times the column a, b, c: m + 2 numbers to `result`, from `at` on, `step` apart. */
  readonly filterTransform: (result: Float64Array, at: number, step: number, a: number, b: number, c: number) => void;
  /** Keeps transformed filters in float32 where the session stores float16. */
  readonly float32?: boolean;
}

/** A way to compute the products between the transforms. */
export interface WinogradProduct {
  readonly setting: string;
  /** Output blocks are padded to a multiple of `blocks`, Winograd's tiles to a multiple of `tiles`. */
  readonly blocks: number;
  readonly tiles: number;
  readonly shader: Shader;
  /** The transformed filters as the shader loads them; as `[points, C, O/4]` vec4 unless said otherwise. */
  readonly arrange?: (filters: PackedOperand, outBlocks: number) => PackedOperand;
  /** Over blocks of outputs and tiles. */
  readonly grid: Grid;
  /** What the convolution costs in loads, if that is counted. */
  readonly loads?: number;
}

/** With fewer channels than this the transforms cost more than the product saves. */
const LEAST_CHANNELS = 16;
/** Every WebGPU device binds this much. Transformed pictures take four times the memory, and more does not pay. */
const MOST_SCRATCH_BYTES = 2 ** 27;

/** Lavin and Gray 2016, section 4.1. */
export const F2: WinogradScheme = {
  kernel: 'conv2d-winograd',
  outputs: 2,
  input: defineShader('conv2d-winograd-input', inputWgsl),
  output: defineShader('conv2d-winograd-output', outputWgsl),
  channels: 4,
  filterTransform: (result, at, step, a, b, c) => {
    result[at] = a;
    result[at + step] = (a + b + c) / 2;
    result[at + 2 * step] = (a - b + c) / 2;
    result[at + 3 * step] = c;
  },
};

/** Numbers of a transformed patch. */
const pointsOf = ({ outputs }: WinogradScheme): number => (outputs + 2) ** 2;

/**
 * The transform G g Gᵀ of the 3×3 filter at `offset`.
 *
 * @param result written to, so that a network's hundred thousand filters need no array each
 */
export function transformFilter(
  scheme: WinogradScheme,
  filters: ArrayLike<number>,
  offset: number,
  result = new Float64Array(pointsOf(scheme)),
): Float64Array {
  const { outputs, filterTransform } = scheme;
  const size = outputs + 2;
  for (let v = offset; v < offset + 3; v++) {
    filterTransform(result, v - offset, size, filters[v], filters[v + 3], filters[v + 6]);
  }
  for (let row = 0; row < size * size; row += size) {
    filterTransform(result, row, 1, result[row], result[row + 1], result[row + 2]);
  }
  return result;
}

/** Weights `[O, C, 3, 3]` as `[points, lanes, O/4]` vec4, transformed in float64. */
function packTransformed(weight: TensorDesc, scheme: WinogradScheme, lanes: number, outBlocks: number): PackedOperand {
  const points = pointsOf(scheme);
  const [outChannels, inChannels] = weight.shape;
  const arrangement = `${scheme.kernel}×${lanes}×${outBlocks}`;
  const packed = packConstant(weight, arrangement, points * lanes * outBlocks * 4, (data, packed) => {
    const transformed = new Float64Array(points);
    for (let o = 0; o < outChannels; o++) {
      for (let c = 0; c < inChannels; c++) {
        transformFilter(scheme, data, (o * inChannels + c) * 9, transformed);
        for (let p = 0; p < points; p++) packed[(p * lanes + c) * outBlocks * 4 + o] = transformed[p];
      }
    }
  });
  return { ...packed, float32: scheme.float32 };
}

/** Whether Winograd's convolution is likely to be faster than the direct kernel; where not, tuning may still find so. */
export function winogradPays({ inputs: [, weight], outputs: [y], device }: Context): boolean {
  const { leastChannels, leastTiles, leastFlops } = device.profile.winograd;
  const [outChannels, inChannels] = weight.shape;
  const { tiles } = tilesOf(y, F2);
  const flops = 2 * 9 * 4 * tiles * inChannels * outChannels;
  return Math.min(outChannels, inChannels) >= leastChannels && tiles >= leastTiles && flops >= leastFlops;
}

/** The tiles of m×m outputs that cover all images. */
function tilesOf({ shape: [batch, , height, width] }: TensorDesc, { outputs }: WinogradScheme) {
  const [rows, columns] = [ceilDiv(height, outputs), ceilDiv(width, outputs)];
  return { tiles: batch * rows * columns, tile_rows: rows, tile_columns: columns };
}

/** The work of a scheme's products. */
export function productWork({ inputs: [, weight], outputs: [y] }: Context, scheme: WinogradScheme): QuadWork {
  const [outBlocks, inBlocks] = weight.shape.map(channelBlocks);
  return { outBlocks, count: tilesOf(y, scheme).tiles, iterations: pointsOf(scheme) * inBlocks };
}

const productShader = defineShader('conv2d-winograd-product', productWgsl);

/** The product in register tiles, on any device. */
export function tiledProduct({ outBlocks, count }: QuadWork, device: DeviceTraits): WinogradProduct {
  const { WINOGRAD_TILES: tiles, BLOCKS: blocks } = productShader.consts;
  const grid = boxGrid([ceilDiv(outBlocks, blocks), ceilDiv(count, tiles), 1], device);
  return {
    setting: `${tiles}×${4 * blocks}`,
    blocks,
    tiles: 1,
    shader: productShader,
    grid,
  };
}

/**
 * 3×3 with stride 1 by 16 multiplications per 2×2 outputs instead of 36, in three passes over float32 scratch memory.
 * Sums and differences of neighbours lose about two bits, and an infinity becomes NaN in all of its tile.
 */
export const conv2dWinograd = (context: Context): Candidate[] =>
  winogradCandidates(context, F2, [tiledProduct(productWork(context, F2), context.device)]);

/** One candidate for each way to compute the products. */
export function winogradCandidates(
  context: Context,
  scheme: WinogradScheme,
  products: readonly WinogradProduct[],
): Candidate[] {
  if (!isPlain3x3(context) || Math.min(...context.inputs[1].shape.slice(0, 2)) < LEAST_CHANNELS) return [];
  return products.flatMap((product): Candidate[] => {
    const { setting, loads } = product;
    const dispatches = threePasses(context, scheme, product);
    return dispatches ? [{ kernel: scheme.kernel, setting, dispatches, loads }] : [];
  });
}

/** Input transform, products, output transform; undefined where their scratch memory is too large. */
function threePasses(context: Context, scheme: WinogradScheme, product: WinogradProduct): Dispatch[] | undefined {
  const [x, weight] = context.inputs;
  const [y] = context.outputs;
  const points = pointsOf(scheme);
  const { tiles, ...tileCounts } = tilesOf(y, scheme);
  const [outBlocks, inBlocks] = weight.shape.map(channelBlocks);
  const productBlocks = roundUp(outBlocks, product.blocks);
  const filters = packTransformed(weight, scheme, 4 * inBlocks, productBlocks);
  const sizes = [tiles * inBlocks, roundUp(tiles, product.tiles) * productBlocks].map((vec4s) => points * vec4s * 16);
  if (Math.max(...sizes) > MOST_SCRATCH_BYTES) return undefined;
  const [v, m] = [scratch('v', sizes[0]), scratch('m', sizes[1])];
  const { bind, params, epilogue } = packedConvolution(context, 1, () => filters);
  const { in_height, in_width, padding, out_height, out_width, out_blocks, out_channels } = params;
  const [productX, productY] = product.grid.workgroups;
  return [
    dispatch(scheme.input, {
      grid: transformGrid(scheme, inBlocks, tiles, context.device),
      bind: { x, v },
      params: { x: params.x, in_height, in_width, padding, in_blocks: inBlocks, tiles, ...tileCounts },
    }),
    dispatch(product.shader, {
      grid: { ...product.grid, workgroups: [productX, productY, points] },
      bind: { v, u: product.arrange?.(filters, productBlocks) ?? filters, m },
      params: { tiles, points, in_blocks: inBlocks, out_blocks: productBlocks },
      storage: scheme.float32 ? 'float32' : 'float',
    }),
    dispatch(scheme.output, {
      grid: transformGrid(scheme, outBlocks, tiles, context.device),
      bind: { m, bias: bind.bias, y },
      params: {
        ...{ y: params.y, out_height, out_width, out_blocks, out_channels, product_blocks: productBlocks },
        ...{ tiles, ...tileCounts },
      },
      // An invocation per channel compiles in a twentieth of a second, and would be a fifth slower with zeros to load.
      epilogue: scheme.channels === 4 ? epilogue : { ...epilogue, blocks: undefined },
    }),
  ];
}

/** Channels by tiles: a scheme that holds one channel takes 16 of them, a line of a CPU's cache, by four tiles. */
function transformGrid({ channels }: WinogradScheme, blocks: number, tiles: number, device: DeviceTraits): Grid {
  if (channels === 4) return boxGrid([blocks, tiles, 1], device);
  const constants = { WORKGROUP_X: 16, WORKGROUP_Y: 4 };
  return { workgroups: [ceilDiv(4 * blocks, 16), ceilDiv(tiles, 4), 1], constants };
}
