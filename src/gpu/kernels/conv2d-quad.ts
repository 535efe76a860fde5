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
/** How much longer a load of pixels takes than one of weights, as the invocations of a quad load far from each other. */
const PIXEL_LOAD = 1.3;

/** How many fours of pixels a quad makes, and how many blocks of outputs each of its invocations. */
export interface QuadTile {
  readonly fours: number;
  readonly blocks: number;
}

const NARROW: QuadTile = { fours: 8, blocks: 1 };
const WIDE: QuadTile = { fours: 4, blocks: 3 };
const FEW_PIXELS: readonly QuadTile[] = [
  { fours: 3, blocks: 3 },
  { fours: 1, blocks: 3 },
];

/**
 * Tiles for direct convolution and for Winograd's products, the usual one first. Larger tiles load less for each
 * multiply-add, smaller ones leave less of themselves idle where there are few pixels or channels. Few, as each is a
 * pipeline that a first answer waits for.
 */
const DIRECT_TILES: readonly QuadTile[] = [NARROW, WIDE, { fours: 8, blocks: 2 }, ...FEW_PIXELS];
export const PRODUCT_TILES: readonly QuadTile[] = [WIDE, NARROW, ...FEW_PIXELS];

/** How many loads, a fifth of a millisecond of a frame, a layer must save on a CPU to be worth a pipeline more. */
export const WORTH_A_PIPELINE = 10_000;

/** What a quad's work on one block of inputs takes, counted in loads. */
const turnCost = ({ fours, blocks }: QuadTile): number =>
  PIXEL_LOAD * fours + 4 * blocks + LOADS_PER_PRODUCT * fours * blocks;

/** How many quads make all blocks of outputs, and how many all pixels, the last of which may be idle in part. */
const quadGrid = (outBlocks: number, pixels: number, { fours, blocks }: QuadTile): [x: number, y: number] => [
  ceilDiv(outBlocks, 4 * blocks),
  ceilDiv(pixels, 4 * fours),
];

/**
 * The tile to take, and how many quads make a workgroup.
 *
 * @param pixels of the output, or tiles of it
 * @param turns blocks of inputs that each quad takes, one after the other
 * @param among of these a CPU takes the first unless another is worth a pipeline
 * @returns also the time that all of it takes, counted in loads of a quad
 */
export function quadTile(
  outBlocks: number,
  pixels: number,
  turns: number,
  device: DeviceTraits,
  among: readonly QuadTile[] = DIRECT_TILES,
) {
  const costOf = (tile: QuadTile): number => {
    const [x, y] = quadGrid(outBlocks, pixels, tile);
    return turns * x * y * turnCost(tile);
  };
  // What a GPU's registers do not hold goes to memory, as it does on a CPU in any case.
  const tiles = among.filter(({ fours, blocks }) => device.software || fours * blocks <= 9);
  const fastest = tiles.reduce((least, tile) => (costOf(tile) < costOf(least) ? tile : least));
  const best = device.software && costOf(among[0]) - costOf(fastest) < WORTH_A_PIPELINE ? among[0] : fastest;
  const { fours, blocks } = best;
  const [x, y] = quadGrid(outBlocks, pixels, best);
  // SwiftShader runs one quad after the other, and would compute those of a workgroup that lie outside.
  const quads = device.software ? 1 : 16;
  return {
    blocks,
    fours,
    cost: costOf(best),
    constants: { BLOCKS: blocks, FOURS: fours, WORKGROUP_Y: quads },
    workgroups: [x, ceilDiv(y, quads)],
    setting: `${4 * fours}×${16 * blocks}`,
  } as const;
}

/** Weights `[…, 4, O/4]` vec4 as `[…, O/4]` matrices of four inputs by four outputs, which lie as quads load them. */
export function inMatrices(weights: PackedOperand, outBlocks: number): PackedOperand {
  const pack = (): Float32Array => {
    const rows = weights.pack() as Float32Array;
    const matrices = new Float32Array(rows.length);
    let to = 0;
    for (let four = 0; four < rows.length; four += 16 * outBlocks) {
      for (let block = 0; block < outBlocks; block++) {
        for (let c = 0; c < 4; c++) {
          for (let o = 0; o < 4; o++) matrices[to++] = rows[four + 4 * (c * outBlocks + block) + o];
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
  const turns = inBlocks * weight.shape[2] * weight.shape[3];
  const { blocks, constants: tile, workgroups, setting } = quadTile(outBlocks, pixels, turns, device);
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
