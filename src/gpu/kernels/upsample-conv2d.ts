import wgsl from '../../../shaders/upsample-conv2d.wgsl?raw';
import naiveWgsl from '../../../shaders/upsample-conv2d-naive.wgsl?raw';
import splitWgsl from '../../../shaders/upsample-conv2d-split.wgsl?raw';
import { linearGrid } from '../grid';
import {
  type Candidate,
  candidate,
  imageAndWeights,
  type KernelContext,
  type OperatorKernels,
  type PackedOperand,
  tensor,
} from '../kernel';
import { channelBlocks, offsets, roundUp, type TensorDesc, view } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights, outputRows, registerTiles } from './convolution';
import { epilogueOf } from './epilogue';
import { packBias, packConstant } from './packing';
import { shareSums } from './share-sums';

const shader = defineShader('upsample-conv2d', wgsl);
const splitShader = defineShader('upsample-conv2d-split', splitWgsl);
const naiveShader = defineShader('upsample-conv2d-naive', naiveWgsl);

/** Convolution over a doubled picture, which is never made, beside another of that size. */
export const upsampleConv2d: OperatorKernels<'upsample-conv2d'> = {
  layouts: imageAndWeights,
  candidates: (context) => [...optimised(context), naive(context)],
};

/** Constants, operands and parameters of both kernels. */
function shared({ node: { attributes }, inputs: [low, , , skip], outputs: [y] }: KernelContext<'upsample-conv2d'>) {
  const { activation, alpha, beta } = epilogueOf({ ...attributes, residual: 'none' }, undefined, tensor(low));
  return {
    constants: { LINEAR: attributes.mode === 'linear', ACTIVATION: activation },
    bind: { low, skip: skip ?? low, y },
    params: {
      low: view(low),
      skip: view(skip ?? low),
      y: view(y),
      low_height: low.shape[2],
      low_width: low.shape[3],
      out_channels: y.shape[1],
      alpha,
      beta,
    },
  };
}

/** 3×3 with weights known at load: sums shared out within workgroups where pixels are few, register tiles elsewhere. */
function optimised(context: KernelContext<'upsample-conv2d'>): Candidate[] {
  const { node, inputs, outputs } = context;
  const [low, weight, bias, skip] = inputs;
  if (weight.shape[2] !== 3 || weight.shape[3] !== 3 || !hasConstantWeights(context)) return [];
  const plane = outputRows(context);
  const lowBlocks = channelBlocks(low.shape[1]);
  const skipBlocks = skip ? channelBlocks(skip.shape[1]) : 0;
  const outBlocks = channelBlocks(outputs[0].shape[1]);
  const weightShares = SHARES[node.attributes.mode];
  const { constants, bind, params } = shared(context);
  const launchOf = ({ blocks }: { blocks: number }) => {
    const weightBlocks = roundUp(outBlocks, blocks);
    return {
      constants,
      bind: {
        ...bind,
        weight: packWeights(weight, low.shape[1], weightShares, weightBlocks),
        bias: packBias(bias, weightBlocks),
      },
      params: {
        ...params,
        rows: plane.rows,
        low_blocks: lowBlocks,
        skip_blocks: skipBlocks,
        skip_weight: weightShares.length * 3 * lowBlocks * 4 * weightBlocks,
        out_blocks: outBlocks,
        weight_blocks: weightBlocks,
      },
    };
  };
  const tiles = registerTiles(shader, context, plane, launchOf, `${node.attributes.mode} `);
  const shares = shareSums(context, lowBlocks + skipBlocks, splitShader.consts.PIXELS);
  if (!shares || shares.slices < 2) return tiles;
  const { grid, slices } = shares;
  return [
    candidate(splitShader, { ...launchOf({ blocks: 1 }), grid }, `${node.attributes.mode} ${slices} slices`),
    ...tiles,
  ];
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
): PackedOperand {
  const [outChannels, channels] = weight.shape;
  const lowLanes = 4 * channelBlocks(lowChannels);
  const skipLanes = 4 * channelBlocks(channels - lowChannels);
  const step = 4 * outBlocks;
  const skipStart = shares.length * 3 * lowLanes * step;
  const arrangement = `doubled×${lowChannels}×${shares.length}×${outBlocks}`;
  return packConstant(weight, arrangement, skipStart + 9 * skipLanes * step, (data, packed) => {
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
  });
}

/** Any window, whether or not its weights are known at load; the baseline. */
function naive(context: KernelContext<'upsample-conv2d'>): Candidate {
  const { inputs, outputs, device } = context;
  const [low, weight, bias] = inputs;
  const [batch, outChannels, outHeight, outWidth] = outputs[0].shape;
  const { constants, bind, params } = shared(context);
  const size = batch * outHeight * outWidth * channelBlocks(outChannels);
  return candidate(naiveShader, {
    grid: linearGrid(size, device),
    constants,
    bind: { ...bind, weight, bias },
    params: {
      ...params,
      ...offsets({ weight, bias }),
      size,
      low_channels: low.shape[1],
      skip_channels: weight.shape[1] - low.shape[1],
      kernel: weight.shape.slice(2),
    },
  });
}
