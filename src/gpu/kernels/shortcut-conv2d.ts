import wgsl from '../../../shaders/shortcut-conv2d.wgsl?raw';
import naiveWgsl from '../../../shaders/shortcut-conv2d-naive.wgsl?raw';
import { linearGrid } from '../grid';
import {
  type Candidate,
  candidate,
  imageAndWeights,
  type KernelContext,
  type OperatorKernels,
  tensor,
} from '../kernel';
import { channelBlocks, offsets, view } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights } from './convolution';
import { epilogueOf } from './epilogue';
import { joinPacked, packBias, packWeights } from './packing';
import { shareSums } from './share-sums';

const shader = defineShader('shortcut-conv2d', wgsl);
const naiveShader = defineShader('shortcut-conv2d-naive', naiveWgsl);

/** Convolution, to which a 1×1 convolution of a shortcut is added. */
export const shortcutConv2d: OperatorKernels<'shortcut-conv2d'> = {
  layouts: imageAndWeights,
  candidates: (context) => [...split(context), naive(context)],
};

/** Constants, operands and parameters of both kernels. */
function shared({ node: { attributes }, inputs: [x, , , shortcut], outputs: [y] }: KernelContext<'shortcut-conv2d'>) {
  const { activation, alpha, beta } = epilogueOf({ ...attributes, residual: 'none' }, undefined, tensor(x));
  return {
    constants: { ACTIVATION: activation },
    pool: attributes.pool,
    bind: { x, shortcut, y },
    params: {
      x: view(x),
      shortcut: view(shortcut),
      y: view(y),
      in_height: x.shape[2],
      in_width: x.shape[3],
      out_channels: y.shape[1],
      stride: attributes.stride,
      alpha,
      beta,
    },
  };
}

/** 3×3 with weights known at load, its sums shared out within workgroups. */
function split(context: KernelContext<'shortcut-conv2d'>): Candidate[] {
  const [x, weight, bias, shortcut, projection] = context.inputs;
  const [y] = context.outputs;
  const isKnown = [weight, projection].every((one) => hasConstantWeights({ inputs: [x, one, bias] }));
  if (weight.shape[2] !== 3 || weight.shape[3] !== 3 || !isKnown) return [];
  const [inBlocks, shortcutBlocks, outBlocks] = [x, shortcut, y].map(({ shape }) => channelBlocks(shape[1]));
  const shares = shareSums(context, inBlocks, shader.consts.PIXELS);
  if (!shares) return [];
  const { constants, pool, bind, params } = shared(context);
  const packed = joinPacked([
    packWeights(weight, 4 * inBlocks, outBlocks),
    packWeights(projection, 4 * shortcutBlocks, outBlocks),
  ]);
  return [
    candidate(
      shader,
      {
        grid: shares.grid,
        constants: { ...constants, POOL_HEIGHT: pool[0], POOL_WIDTH: pool[1] },
        bind: { ...bind, weight: packed, bias: packBias(bias, outBlocks) },
        params: {
          ...params,
          rows: y.shape[0] * y.shape[2],
          in_blocks: inBlocks,
          shortcut_blocks: shortcutBlocks,
          out_blocks: outBlocks,
          weight_blocks: outBlocks,
        },
      },
      `${shares.slices} slices`,
    ),
  ];
}

/** Any window, whether or not its weights are known at load; the baseline. */
function naive(context: KernelContext<'shortcut-conv2d'>): Candidate {
  const { inputs, outputs, device } = context;
  const [x, weight, bias, shortcut, projection] = inputs;
  const [batch, outChannels, height, width] = outputs[0].shape;
  const { constants, pool, bind, params } = shared(context);
  const size = batch * height * width * channelBlocks(outChannels);
  return candidate(naiveShader, {
    grid: linearGrid(size, device),
    constants,
    bind: { ...bind, weight, projection, bias },
    params: {
      ...params,
      ...offsets({ weight, projection, bias }),
      size,
      pool,
      in_channels: x.shape[1],
      shortcut_channels: shortcut.shape[1],
      kernel: weight.shape.slice(2),
    },
  });
}
