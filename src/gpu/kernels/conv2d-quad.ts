import wgsl from '../../../shaders/conv2d-quad.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  type DeviceTraits,
  type KernelContext,
  type PackedOperand,
  tensor,
} from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, packWeights, paddedBlocks, slidingWindow } from './conv2d-shared';
import { packBias } from './epilogue';

const shader = defineShader('conv2d-quad', wgsl);

/**
 * Whether quads may pay: on SwiftShader, where they are all there is, and on GPUs, whose tuning will tell. Other software
 * adapters would compile them for seconds.
 */
export const quadsMayPay = ({ quads, subgroups, software }: DeviceTraits): boolean =>
  Boolean(quads) || (subgroups && !software);

/** How many loads take as long as the 64 multiply-adds of four pixels with a block of inputs and one of outputs. */
const LOADS_PER_PRODUCT = 1.75;

/** How many fours of pixels a quad makes, and how many blocks of outputs each of its invocations. */
interface QuadTile {
  readonly fours: number;
  readonly blocks: number;
}

/**
 * Few, as each is a pipeline more that a first answer waits for: larger tiles load less for each multiply-add, smaller
 * ones leave less of themselves idle where there are few pixels or channels.
 */
const QUAD_TILES: readonly QuadTile[] = [
  { fours: 8, blocks: 2 },
  { fours: 8, blocks: 1 },
  { fours: 4, blocks: 3 },
  { fours: 3, blocks: 3 },
  { fours: 1, blocks: 3 },
];

/** What a quad's work on one block of inputs takes, counted in loads. */
const turnCost = ({ fours, blocks }: QuadTile): number => fours + 4 * blocks + LOADS_PER_PRODUCT * fours * blocks;

/** How many quads make all blocks of outputs, and how many all pixels, the last of which may be idle in part. */
const quadGrid = (outBlocks: number, pixels: number, { fours, blocks }: QuadTile): [x: number, y: number] => [
  ceilDiv(outBlocks, 4 * blocks),
  ceilDiv(pixels, 4 * fours),
];

/**
 * The tile that takes the least time, and how many quads make a workgroup.
 *
 * @param pixels of the output, or tiles of it
 * @returns also the time that all quads take for one block of inputs, counted in loads
 */
export function quadTile(outBlocks: number, pixels: number, device: DeviceTraits) {
  const cost = (tile: QuadTile): number => {
    const [x, y] = quadGrid(outBlocks, pixels, tile);
    return x * y * turnCost(tile);
  };
  // What a GPU's registers do not hold goes to memory, as it does on a CPU in any case.
  const tiles = QUAD_TILES.filter(({ fours, blocks }) => device.software || fours * blocks <= 9);
  const best = tiles.reduce((least, tile) => (cost(tile) < cost(least) ? tile : least));
  const { fours, blocks } = best;
  const [x, y] = quadGrid(outBlocks, pixels, best);
  // SwiftShader runs one quad after the other, and would compute those of a workgroup that lie outside.
  const quads = device.software ? 1 : 16;
  return {
    blocks,
    fours,
    cost: cost(best),
    constants: { BLOCKS: blocks, FOURS: fours, WORKGROUP_Y: quads },
    workgroups: [x, ceilDiv(y, quads)],
    setting: `${4 * fours}×${16 * blocks}`,
  } as const;
}

/** Weights `[…, 4, O/4]` vec4 as `[…, O/4]` matrices of 4×4, which lie as quads load them. */
export function inMatrices(weights: PackedOperand, outBlocks: number): PackedOperand {
  const pack = (): Float32Array => {
    const rows = weights.pack() as Float32Array;
    const matrices = new Float32Array(rows.length);
    let to = 0;
    for (let four = 0; four < rows.length; four += 16 * outBlocks) {
      for (let block = 0; block < outBlocks; block++) {
        for (let row = 0; row < 4; row++) {
          const from = four + 4 * (row * outBlocks + block);
          for (let i = 0; i < 4; i++) matrices[to++] = rows[from + i];
        }
      }
    }
    return matrices;
  };
  return { ...weights, key: `${weights.key}/matrices`, pack };
}

/** Any window in one group, by quads that share what they load. */
export function conv2dQuad(context: KernelContext<'conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias] = inputs;
  const [y] = outputs;
  if (!quadsMayPay(device) || node.attributes.groups !== 1 || !hasConstantWeights(context)) return [];
  const [outChannels, inChannels] = weight.shape;
  const inBlocks = channelBlocks(inChannels);
  const outBlocks = channelBlocks(outChannels);
  const pixels = y.shape[0] * y.shape[2] * y.shape[3];
  const { blocks, constants: tile, workgroups, setting } = quadTile(outBlocks, pixels, device);
  const weightBlocks = paddedBlocks(outChannels, blocks);
  const packedBias = packBias(bias, weightBlocks);
  const { constants, bind, params, window } = slidingWindow(context, packedBias);
  return [
    {
      kernel: 'conv2d-quad',
      setting,
      dispatches: [
        {
          shader,
          constants: { ...constants, ...tile },
          bind: {
            x: tensor(x),
            weight: inMatrices(packWeights(weight, 4 * inBlocks, weightBlocks), weightBlocks),
            bias: packedBias,
            y: tensor(y),
            ...bind,
          },
          params: {
            ...params,
            ...window,
            in_blocks: inBlocks,
            out_blocks: outBlocks,
            weight_blocks: weightBlocks,
            out_channels: outChannels,
          },
          workgroups: [...workgroups, 1],
        },
      ],
    },
  ];
}
