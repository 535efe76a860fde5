import type { Tensor } from '../../tensor';
import type { DeviceTraits } from '../adapter-profile';
import { boxGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, type Launch, type PackedOperand } from '../kernel';
import { ceilDiv, channelBlocks, roundUp, view } from '../layout';
import type { RegisterTile, Shader } from '../shader';
import { epilogueOf } from './epilogue';
import { packBias } from './packing';

/**
 * Whether the weights and bias of a convolution are known at load, and the weights finite, as all kernels but the naive
 * ones need: those multiply padding by weights instead of leaving it out, and zero times NaN or infinity is NaN.
 */
export const hasConstantWeights = ({ inputs }: Pick<KernelContext, 'inputs'>): boolean =>
  inputs[1].constant !== undefined && inputs[2].constant !== undefined && isFiniteTensor(inputs[1].constant);

/** By tensor, as each of a convolution's variants asks. */
const finite = new WeakMap<Tensor, boolean>();

function isFiniteTensor(tensor: Tensor): boolean {
  let known = finite.get(tensor);
  if (known === undefined) {
    let zero = 0;
    for (const value of tensor.data) zero += 0 * value;
    known = zero === 0;
    finite.set(tensor, known);
  }
  return known;
}

/** Parameters of a window that slides over an image, with its `kernel`, `stride` and `dilation` apart. */
export function slidingWindow({
  node,
  inputs: [x, weight],
  outputs: [y],
}: KernelContext<'conv2d'> | KernelContext<'conv-transpose2d'>) {
  const { stride, dilation, padding } = node.attributes;
  const [batch, , outHeight, outWidth] = y.shape;
  return {
    params: {
      x: view(x),
      y: view(y),
      in_height: x.shape[2],
      in_width: x.shape[3],
      out_height: outHeight,
      out_width: outWidth,
      rows: batch * outHeight,
      padding: padding.slice(0, 2),
    },
    window: { kernel: weight.shape.slice(2), stride, dilation },
  };
}

/**
 * Operands, parameters and epilogue of a convolution with constant weights.
 *
 * @param pack the weights, given the output blocks, which zeros fill up to a multiple of `blocks`
 */
export function packedConvolution(
  context: KernelContext<'conv2d'> | KernelContext<'conv-transpose2d'>,
  blocks: number,
  pack: (weightBlocks: number) => PackedOperand,
) {
  const { node, inputs, outputs } = context;
  const [x, , bias, residual] = inputs;
  const [y] = outputs;
  const outBlocks = channelBlocks(y.shape[1]);
  const weightBlocks = roundUp(outBlocks, blocks);
  const packedBias = packBias(bias, weightBlocks);
  const { params, window } = slidingWindow(context);
  return {
    bind: { x, weight: pack(weightBlocks), bias: packedBias, y },
    params: { ...params, out_blocks: outBlocks, weight_blocks: weightBlocks, out_channels: y.shape[1] },
    window,
    epilogue: epilogueOf(node.attributes, residual, packedBias, outBlocks),
  };
}

/** Where the register tiles of a kernel lie: `rows` of `width` pixels, which no tile crosses. */
interface Plane {
  readonly rows: number;
  readonly width: number;
  /** A tile's pixels lie this far apart. Default 1. */
  readonly step?: number;
  /** Output blocks that no tile crosses: those of a group. By default all are one group. */
  readonly groupBlocks?: number;
}

/** The rows of all output images. */
export const outputRows = ({ outputs: [{ shape }] }: Pick<KernelContext, 'outputs'>): Plane => ({
  rows: shape[0] * shape[2],
  width: shape[3],
});

/** Groups as register-tile kernels take them: undefined unless weights are known and groups are whole blocks. */
export function groupsInBlocks(
  context: KernelContext<'conv2d'> | KernelContext<'conv-transpose2d'>,
  groupIn: number,
  groupOut: number,
) {
  const grouped = context.node.attributes.groups > 1;
  if (!hasConstantWeights(context) || (grouped && (groupIn % 4 !== 0 || groupOut % 4 !== 0))) return undefined;
  const params = { group_in: channelBlocks(groupIn), group_out: channelBlocks(groupOut) };
  return { params, plane: grouped ? { groupBlocks: params.group_out } : {} };
}

/** A kernel that makes register tiles: one candidate for each of its shader's tiles, best guess first. */
export function registerTiles(
  shader: Shader,
  { outputs: [y], device }: KernelContext,
  { rows, width, step = 1, groupBlocks }: Plane,
  launchOf: (tile: RegisterTile) => Omit<Launch, 'grid'>,
  name = '',
): Candidate[] {
  const outBlocks = channelBlocks(y.shape[1]);
  const within = shader.tiles.filter(({ blocks }) => groupBlocks === undefined || groupBlocks % blocks === 0);
  return orderTiles(within, rows, width, outBlocks, device).map((tile) => {
    const { pixels, blocks } = tile;
    const columns = ceilDiv(width, pixels * step) * step;
    const launch = launchOf(tile);
    return candidate(
      shader,
      {
        ...launch,
        grid: boxGrid([ceilDiv(outBlocks, blocks), columns, rows], device),
        constants: { ...launch.constants, PIXELS: pixels, BLOCKS: blocks },
      },
      `${name}${pixels}×${4 * blocks}`,
    );
  });
}

/**
 * Register tiles, the best guess first, by a model of the time they take: a large tile loads less for each
 * multiply-add, but leaves more of its pixels outside the picture and makes fewer invocations. Tiles that the registers
 * do not hold come last.
 */
function orderTiles(
  tiles: readonly RegisterTile[],
  rows: number,
  width: number,
  outBlocks: number,
  { profile }: DeviceTraits,
): RegisterTile[] {
  const { busyInvocations, loadCost, mostSums, smallestFirst } = profile.registerTile;
  const cost = ({ pixels, blocks }: RegisterTile): number => {
    if (smallestFirst) return pixels * blocks;
    if (pixels * blocks > mostSums) return Infinity;
    const invocations = rows * ceilDiv(width, pixels) * ceilDiv(outBlocks, blocks);
    return Math.max(invocations, busyInvocations) * (loadCost * (pixels + 4 * blocks) + 4 * pixels * blocks);
  };
  return [...tiles].sort((a, b) => cost(a) - cost(b));
}
