import wgsl from '../../../shaders/upsample-conv2d.wgsl?raw';
import naiveWgsl from '../../../shaders/upsample-conv2d-naive.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  grid1d,
  gridFits,
  type KernelContext,
  type Operand,
  type OperatorKernels,
  type TensorDesc,
  tensor,
  view,
} from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, orderTiles, paddedBlocks, tileName, workgroups64 } from './conv2d-shared';
import { epilogue, packBias } from './epilogue';

const shader = defineShader('upsample-conv2d', wgsl);
const naiveShader = defineShader('upsample-conv2d-naive', naiveWgsl);
const WORKGROUP = 64;
const TILES = [
  { pixels: 8, blocks: 2 },
  { pixels: 4, blocks: 2 },
  { pixels: 4, blocks: 1 },
];

/** Convolution over a doubled picture, which is never made, beside another of that size. */
export const upsampleConv2d: OperatorKernels<'upsample-conv2d'> = {
  layouts: ({ inputs }) => ({
    inputs: inputs.map((_, i) => (i === 0 || i === 3 ? 'nhwc4' : 'linear')),
    outputs: ['nhwc4'],
  }),
  candidates: (context) =>
    [...tiled(context), naive(context)].filter(({ dispatches: [{ workgroups }] }) =>
      gridFits(workgroups, context.device),
    ),
};

/** What both kernels have in common. */
function shared({ node: { attributes }, inputs: [low, , , skip], outputs: [y] }: KernelContext<'upsample-conv2d'>) {
  const { constants, params } = epilogue({ ...attributes, residual: 'none' }, undefined, tensor(low));
  return {
    constants: { LINEAR: Number(attributes.mode === 'linear'), ACTIVATION: constants.ACTIVATION },
    bind: { low: tensor(low), skip: tensor(skip ?? low), y: tensor(y) },
    params: {
      low: view(low),
      skip: view(skip ?? low),
      y: view(y),
      low_height: low.shape[2],
      low_width: low.shape[3],
      out_channels: y.shape[1],
      alpha: params.alpha,
      beta: params.beta,
    },
  };
}

/** 3×3 with weights known at load, in register tiles. */
function tiled(context: KernelContext<'upsample-conv2d'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [low, weight, bias, skip] = inputs;
  const [batch, outChannels, outHeight, outWidth] = outputs[0].shape;
  if (weight.shape[2] !== 3 || weight.shape[3] !== 3 || !hasConstantWeights(context)) return [];
  const rows = batch * outHeight;
  const lowBlocks = channelBlocks(low.shape[1]);
  const skipBlocks = skip ? channelBlocks(skip.shape[1]) : 0;
  const outBlocks = channelBlocks(outChannels);
  const { constants, bind, params } = shared(context);
  return orderTiles(TILES, rows, outWidth, outBlocks, device).map((tile) => {
    const weightBlocks = paddedBlocks(outChannels, tile.blocks);
    const shares = SHARES[node.attributes.mode];
    const grid = workgroups64([ceilDiv(outBlocks, tile.blocks), ceilDiv(outWidth, tile.pixels), rows], device);
    return {
      kernel: 'upsample-conv2d',
      setting: `${node.attributes.mode} ${tileName(tile)}`,
      dispatches: [
        {
          shader,
          constants: { ...constants, ...grid.constants, PIXELS: tile.pixels, BLOCKS: tile.blocks },
          bind: {
            ...bind,
            weight: packWeights(weight, low.shape[1], shares, weightBlocks),
            bias: packBias(bias, weightBlocks),
          },
          params: {
            ...params,
            rows,
            low_blocks: lowBlocks,
            skip_blocks: skipBlocks,
            skip_weight: shares.length * 3 * lowBlocks * 4 * weightBlocks,
            out_blocks: outBlocks,
            weight_blocks: weightBlocks,
          },
          workgroups: grid.workgroups,
        },
      ],
    };
  });
}

/**
 * How much of each of the three rows of taps falls on a row of the small picture: for an even output row its rows in
 * order, then for an odd one, and for linear then for the first row and the last, where a row of taps is outside.
 */
const SHARES: Readonly<Record<'nearest' | 'linear', readonly (readonly number[])[]>> = {
  // biome-ignore format: sets of rows
  nearest: [
    [1, 0, 0], [0, 1, 1],
    [1, 1, 0], [0, 0, 1],
  ],
  // biome-ignore format: sets of rows
  linear: [
    [0.75, 0.25, 0], [0.25, 0.75, 0.75], [0, 0, 0.25],
    [0.25, 0, 0], [0.75, 0.75, 0.25], [0, 0.25, 0.75],
    [0, 0.25, 0], [0, 0.75, 0.75], [0, 0, 0.25],
    [0.25, 0, 0], [0.75, 0.75, 0], [0, 0.25, 0],
  ],
};

/**
 * Weights `[O, A + B, 3, 3]` as `[rows, 3, A/4, 4, O/4]` vec4, the taps of each column added up by the shares of these
 * rows, and behind them `[3, 3, B/4, 4, O/4]` as they are.
 */
function packWeights(
  weight: TensorDesc,
  lowChannels: number,
  shares: readonly (readonly number[])[],
  outBlocks: number,
): Operand {
  const [outChannels, channels] = weight.shape;
  const lowLanes = 4 * channelBlocks(lowChannels);
  const skipLanes = 4 * channelBlocks(channels - lowChannels);
  return {
    kind: 'constant',
    key: `${weight.value}/doubled×${lowChannels}×${shares.length}×${outBlocks}`,
    pack: () => {
      const data = weight.constant!.data;
      const step = 4 * outBlocks;
      const skipStart = shares.length * 3 * lowLanes * step;
      const packed = new Float32Array(skipStart + 9 * skipLanes * step);
      for (let o = 0; o < outChannels; o++) {
        for (let c = 0; c < channels; c++) {
          const filter = data.subarray((o * channels + c) * 9, (o * channels + c) * 9 + 9);
          for (let v = 0; v < 3; v++) {
            if (c < lowChannels) {
              for (const [r, [s0, s1, s2]] of shares.entries()) {
                packed[((3 * r + v) * lowLanes + c) * step + o] =
                  s0 * filter[v] + s1 * filter[3 + v] + s2 * filter[6 + v];
              }
            } else {
              const lane = c - lowChannels;
              for (let u = 0; u < 3; u++) {
                packed[skipStart + ((3 * u + v) * skipLanes + lane) * step + o] = filter[3 * u + v];
              }
            }
          }
        }
      }
      return packed;
    },
  };
}

/** Any window, whether or not its weights are known at load; the baseline. */
function naive(context: KernelContext<'upsample-conv2d'>): Candidate {
  const { inputs, outputs, device } = context;
  const [low, weight, bias] = inputs;
  const [batch, outChannels, outHeight, outWidth] = outputs[0].shape;
  const { constants, bind, params } = shared(context);
  const size = batch * outHeight * outWidth * channelBlocks(outChannels);
  return {
    kernel: 'upsample-conv2d-naive',
    setting: '',
    dispatches: [
      {
        shader: naiveShader,
        constants: { ...constants, WORKGROUP },
        bind: { ...bind, weight: tensor(weight), bias: tensor(bias) },
        params: {
          ...params,
          weight_offset: weight.offset,
          bias_offset: bias.offset,
          size,
          low_channels: low.shape[1],
          skip_channels: weight.shape[1] - low.shape[1],
          kernel: weight.shape.slice(2),
        },
        workgroups: grid1d(size, WORKGROUP, device),
      },
    ],
  };
}
