import {
  ceilDiv,
  channelBlocks,
  type DeviceTraits,
  type KernelContext,
  type Operand,
  type PackedOperand,
  roundUp,
  type TensorDesc,
  view,
} from '../kernel';
import { epilogue } from './epilogue';

/**
 * Weights `[O, C/groups, KH, KW]`, or `[O, C]`, as `[KH, KW, lanes, O/4]` vec4 of four output channels, so that invocations that
 * make neighbouring outputs read neighbouring memory. Zeros fill up the outputs to `outBlocks` vec4s.
 *
 * @param lanes input channels per tap: those of a group, or these rounded up to whole vec4s of x
 */
export function packWeights(weight: TensorDesc, lanes: number, outBlocks: number): PackedOperand {
  const [outChannels, groupChannels, kernelHeight = 1, kernelWidth = 1] = weight.shape;
  const taps = kernelHeight * kernelWidth;
  return {
    kind: 'constant',
    key: `${weight.value}/taps×${lanes}×${outBlocks}`,
    pack: () => {
      const data = weight.constant!.data;
      const packed = new Float32Array(taps * lanes * outBlocks * 4);
      let i = 0;
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < groupChannels; c++) {
          for (let tap = 0; tap < taps; tap++) packed[(tap * lanes + c) * outBlocks * 4 + o] = data[i++];
        }
      }
      return packed;
    },
  };
}

/** Whether the weights and bias of a convolution are known at load, as all kernels but the naive one need. */
export const hasConstantWeights = ({ inputs }: KernelContext): boolean =>
  inputs[1].constant !== undefined && inputs[2].constant !== undefined;

/** What the shaders' `Params` have in common for a window that slides over an image, epilogue included. */
export function slidingWindow(
  { node, inputs: [x, weight, , residual], outputs: [y] }: KernelContext<'conv2d'> | KernelContext<'conv-transpose2d'>,
  bias: Operand,
) {
  const { stride, dilation, padding } = node.attributes;
  const [batch, , outHeight, outWidth] = y.shape;
  const tail = epilogue(node.attributes, residual, bias);
  return {
    constants: tail.constants,
    bind: tail.bind,
    params: {
      x: view(x),
      y: view(y),
      in_height: x.shape[2],
      in_width: x.shape[3],
      out_height: outHeight,
      out_width: outWidth,
      rows: batch * outHeight,
      padding: padding.slice(0, 2),
      ...tail.params,
    },
    window: { kernel: weight.shape.slice(2), stride, dilation },
  };
}

/** How many pixels of a row and how many blocks of four output channels one invocation makes. */
export interface Tile {
  readonly pixels: number;
  readonly blocks: number;
}

export const tileName = ({ pixels, blocks }: Tile): string => `${pixels}×${4 * blocks}`;

/**
 * Register tiles, the best guess first, by a model of the time they take: a large tile loads less for each
 * multiply-add, but leaves more of its pixels outside the picture and makes fewer invocations, of which a GPU needs
 * thousands to be busy. On software adapters a load costs ten times a multiply-add of the same size.
 *
 * @param rows of pixels that a tile cannot reach beyond, each `width` long
 */
export function orderTiles(
  tiles: readonly Tile[],
  rows: number,
  width: number,
  outBlocks: number,
  device: DeviceTraits,
): Tile[] {
  const [parallel, loadCost] = device.software ? [8, 10] : [16384, 1];
  const time = ({ pixels, blocks }: Tile): number => {
    const invocations = rows * ceilDiv(width, pixels) * ceilDiv(outBlocks, blocks);
    return Math.max(invocations, parallel) * (loadCost * (pixels + 4 * blocks) + 4 * pixels * blocks);
  };
  const size = ({ pixels, blocks }: Tile): number => pixels * blocks;
  // Mesa takes seconds to compile a large tile, which few pictures make up for.
  const fastest = device.software && !device.quads ? size : time;
  return [...tiles].sort((a, b) => fastest(a) - fastest(b));
}

/**
 * Workgroups of 64 invocations over a grid, powers of two along each axis, so that layers share pipelines.
 * GPUs get 8 along x, then as many along y as there are. Software adapters get 4, the length of their vectors, and
 * always the same along y: they skip invocations outside the grid at once, while each pipeline costs them 0.1 s.
 */
export function workgroups64(grid: readonly [x: number, y: number, z: number], device: DeviceTraits) {
  const power = (extent: number, most: number): number => {
    let size = 1;
    while (size < extent && size < most) size *= 2;
    return size;
  };
  const vector = grid[0] > 1 ? 4 : 1;
  const x = device.software ? vector : power(grid[0], 8);
  const y = grid[2] === 1 ? 64 / x : device.software ? 4 : power(grid[1], 64 / x);
  const z = 64 / x / y;
  const workgroups: [number, number, number] = [ceilDiv(grid[0], x), ceilDiv(grid[1], y), ceilDiv(grid[2], z)];
  return { constants: { WORKGROUP_X: x, WORKGROUP_Y: y, ...(z > 1 && { WORKGROUP_Z: z }) }, workgroups };
}

/** Output channel blocks, rounded up to whole tiles. */
export const paddedBlocks = (outChannels: number, blocks: number): number =>
  roundUp(channelBlocks(outChannels), blocks);
