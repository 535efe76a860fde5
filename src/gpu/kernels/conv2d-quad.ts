import wgsl from '../../../shaders/conv2d-quad.wgsl?raw';
import type { DeviceTraits } from '../adapter-profile';
import type { Grid } from '../grid';
import { type Candidate, candidate, type KernelContext } from '../kernel';
import { ceilDiv, channelBlocks } from '../layout';
import { defineShader, type RegisterTile, type Shader } from '../shader';
import { pixelsOf } from './conv2d-pointwise';
import { hasConstantWeights, packedConvolution } from './convolution';
import { inMatrices, packWeights } from './packing';

const shader = defineShader('conv2d-quad', wgsl);

/** The 64 multiply-adds of four pixels with one block of inputs and one of outputs take as long as this many loads. */
const LOADS_PER_PRODUCT = 1.75;
/** A load of pixels takes this much longer than one of weights: the invocations of a quad load far from each other. */
const PIXEL_LOAD = 1.3;
/** Cost of reading four vec4s of weights from memory, once a frame, in loads. */
const FETCH = 0.75;

/** A pipeline of so many sums or fewer counts as one: it compiles for 250 ms or less, one of 16 sums for 400. */
const USUAL_SUMS = 8;
/** Loads that four vec4s of outputs cost more where the pipeline has several activations. */
const CHOICE = 3;

/** Cost of a quad's work on one block of inputs, in loads. A tile's pixels are counted in groups of four. */
const iterationCost = ({ pixels, blocks }: RegisterTile): number =>
  PIXEL_LOAD * pixels + 4 * blocks + LOADS_PER_PRODUCT * pixels * blocks;

/** Quads along the output blocks and along the pixels; the last ones may be idle in part. */
const quadGrid = (outBlocks: number, pixels: number, tile: RegisterTile): [x: number, y: number] => [
  ceilDiv(outBlocks, 4 * tile.blocks),
  ceilDiv(pixels, 4 * tile.pixels),
];

/** The work of a kernel whose invocations share loads in quads. */
export interface QuadWork {
  readonly outBlocks: number;
  /** Pixels, or Winograd's tiles of them. */
  readonly count: number;
  /** Blocks of inputs that each quad adds up, one after the other. */
  readonly iterations: number;
}

/** A shader's tile for some work, by workgroups of so many quads. */
interface QuadTile {
  readonly tile: RegisterTile;
  readonly grid: Grid;
  readonly setting: string;
  /** What the work costs, in loads of a quad. */
  readonly loads: number;
}

/**
 * The tiles of a shader, the cheapest for the work first; that one alone where layers need not agree on one. Larger tiles
 * load less for each multiply-add, smaller ones leave less of themselves idle where there are few pixels or channels.
 */
export function quadTiles({ tiles }: Shader, work: QuadWork, { profile }: DeviceTraits): QuadTile[] {
  const { mostSums, quadsPerWorkgroup } = profile.quadTile;
  const { outBlocks, count, iterations } = work;
  const fitting = tiles
    .filter(({ pixels, blocks }) => pixels * blocks <= mostSums)
    .map((tile): QuadTile => {
      const [x, y] = quadGrid(outBlocks, count, tile);
      return {
        tile,
        loads: iterations * (x * y * iterationCost(tile) + FETCH * outBlocks),
        grid: {
          workgroups: [x, ceilDiv(y, quadsPerWorkgroup), 1],
          constants: { BLOCKS: tile.blocks, PIXEL_GROUPS: tile.pixels, WORKGROUP_Y: quadsPerWorkgroup },
        },
        setting: `${4 * tile.pixels}×${16 * tile.blocks}`,
      };
    })
    .sort((a, b) => a.loads - b.loads);
  return profile.slowCompiler ? fitting : fitting.slice(0, 1);
}

/**
 * A candidate whose loads are counted, in a pipeline that layers with other activations share.
 *
 * @param outputs vec4s
 */
export function inSharedPipeline(candidate: Candidate, outputs: number): Candidate {
  const dispatches = candidate.dispatches.map((dispatch) => {
    const { activation } = dispatch.epilogue!;
    const constants = { ...dispatch.constants, ACTIVATIONS: 1 << activation };
    return { ...dispatch, constants, params: { ...dispatch.params, activation } };
  });
  const loads = candidate.loads! + (CHOICE * outputs) / 4;
  return { ...candidate, setting: `${candidate.setting}, any activation`, dispatches, loads, forSeveral: true };
}

/** Any window in one group, by quads that share what they load. */
export function conv2dQuad(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [, weight] = inputs;
  if (device.profile.quads === 'never' || node.attributes.groups !== 1 || !hasConstantWeights(context)) return [];
  const [outChannels, inChannels, kernelHeight, kernelWidth] = weight.shape;
  const inBlocks = channelBlocks(inChannels);
  const iterations = inBlocks * kernelHeight * kernelWidth;
  const work = { outBlocks: channelBlocks(outChannels), count: pixelsOf(outputs[0]), iterations };
  return quadTiles(shader, work, device).flatMap(({ tile, grid, setting, loads }) => {
    const { bind, params, window, epilogue } = packedConvolution(context, tile.blocks, (outBlocks) =>
      inMatrices(packWeights(weight, 4 * inBlocks, outBlocks), outBlocks),
    );
    const launch = { grid, bind, params: { ...params, ...window, in_blocks: inBlocks, activation: 0 }, epilogue };
    const compileCost = Math.max(1, (tile.pixels * tile.blocks) / USUAL_SUMS);
    const own = { ...candidate(shader, launch, setting), loads, compileCost };
    return device.profile.slowCompiler ? [own, inSharedPipeline(own, work.outBlocks * work.count)] : [own];
  });
}
