import wgsl from '../../../shaders/separable-expand.wgsl?raw';
import uniformWgsl from '../../../shaders/separable-expand-uniform.wgsl?raw';
import { separableExtras } from '../../operators/separable-conv2d';
import { inputsOfBoth } from '../../operators/separable-expand';
import { type Candidate, candidate, type KernelContext, type OperatorKernels, type PackedOperand } from '../kernel';
import { channelBlocks, roundUp, view } from '../layout';
import { defineShader, type Shader } from '../shader';
import { conv2d } from './conv2d';
import { conv2dUniform } from './conv2d-uniform';
import { hasConstantWeights } from './convolution';
import { epilogueOf } from './epilogue';
import { inMatrices, joinPacked, packBias, packWeights } from './packing';
import {
  BLOCKS,
  isImage,
  packedLaunch,
  type Sharing,
  separableConv2d,
  sharedSums,
  uniformSums,
} from './separable-conv2d';

const shader = defineShader('separable-expand', wgsl);
const uniformShader = defineShader('separable-expand-uniform', uniformWgsl);

/** Blocks of inputs that an invocation adds up at once. */
const TURN = 4;

/** Stands where a shader would store what nobody reads. */
const UNREAD = { kind: 'scratch', name: 'unread', sizeBytes: 16 } as const;

type Context = KernelContext<'separable-expand'>;

/** A depthwise separable convolution and the 1×1 that reads it. */
export const separableExpand: OperatorKernels<'separable-expand'> = {
  layouts: ({ inputs, attributes: { separable } }, graph) => {
    const [first] = inputsOfBoth(inputs, inputs[0]);
    const ofFirst = first.map((_, i) =>
      isImage(i, { inputs: first, attributes: separable }, graph) ? 'nhwc4' : 'linear',
    );
    return {
      inputs: [...ofFirst.slice(0, 5), 'linear', 'linear', ...ofFirst.slice(5)],
      outputs: ['nhwc4', 'nhwc4'],
    };
  },
  candidates: (context) => {
    const [separable] = contextsOf(context);
    return [
      ...fused(context, uniformShader, uniformSums(separable, true), { turn: 2, blocks: BLOCKS, arrange: inMatrices }),
      ...fused(context, shader, sharedSums(separable, TURN, true), { turn: TURN }),
      ...apart(context),
    ];
  },
};

/** The two nodes that it stands for. */
function contextsOf({
  node,
  inputs,
  outputs: [y, z],
  device,
}: Context): [KernelContext<'separable-conv2d'>, KernelContext<'conv2d'>] {
  const [first, second] = inputsOfBoth(inputs, y);
  const { separable, expand } = node.attributes;
  const names = (tensors: readonly { readonly value: string }[]): string[] => tensors.map(({ value }) => value);
  return [
    {
      node: { ...node, op: 'separable-conv2d', attributes: separable, inputs: names(first), outputs: [y.value] },
      inputs: first,
      outputs: [y],
      device,
    },
    {
      node: { ...node, op: 'conv2d', attributes: expand, inputs: names(second), outputs: [z.value] },
      inputs: second,
      outputs: [z],
      device,
    },
  ];
}

/** How a kernel takes the last weights: zeros fill up inputs to whole turns, and outputs to multiples of `blocks`. */
interface Weights {
  readonly turn: number;
  readonly blocks?: number;
  readonly arrange?: (weights: PackedOperand, outBlocks: number) => PackedOperand;
}

/** Both in one launch. */
function fused(
  context: Context,
  shader: Shader,
  sharing: Sharing | undefined,
  { turn, blocks = 1, arrange = (weights) => weights }: Weights,
): Candidate[] {
  const [separable, { node, inputs }] = contextsOf(context);
  const [y, z] = context.outputs;
  const [, , addend] = separableExtras(separable.inputs, separable.node.attributes);
  if (!sharing || addend || !hasConstantWeights({ inputs })) return [];
  const launch = packedLaunch(separable, sharing, (weights) => arrange(weights, sharing.weightBlocks));
  if (!launch) return [];
  const yBlocks = roundUp(channelBlocks(y.shape[1]), turn);
  const zBlocks = channelBlocks(z.shape[1]);
  const weightBlocks = roundUp(zBlocks, blocks);
  const { bind, params } = launch;
  const weight = arrange(packWeights(inputs[1], 4 * yBlocks, weightBlocks), weightBlocks);
  const { activation, alpha, beta } = epilogueOf(node.attributes, undefined, bind.bias);
  const both = {
    ...launch,
    constants: { ...launch.constants, STORES_Y: !y.isUnread, Z_ACTIVATION: activation },
    bind: {
      ...bind,
      y: y.isUnread ? UNREAD : y,
      weight: joinPacked([bind.weight, weight]),
      bias: joinPacked([bind.bias, packBias(inputs[2], weightBlocks)]),
      z,
    },
    params: {
      ...params,
      z: view(z),
      y_blocks: yBlocks,
      z_blocks: zBlocks,
      z_channels: z.shape[1],
      z_alpha: alpha,
      z_beta: beta,
    },
  };
  return [candidate(shader, both, `${sharing.slices} slices`)];
}

/** Each by itself: as fast as can be, and by the kernels that take any weights. */
function apart(context: Context): Candidate[] {
  const [separable, expand] = contextsOf(context);
  const first = separableConv2d.candidates(separable);
  const second = [...conv2dUniform(expand), ...conv2d.candidates(expand)];
  const best = [first[0], second[0]];
  const last = [first.at(-1)!, second.at(-1)!];
  const both = best.every((one, i) => one === last[i]) ? [last] : [best, last];
  return both.map((two) => ({
    kernel: two.map(({ kernel }) => kernel).join(' + '),
    setting: two.map(({ setting }) => setting).join(' + '),
    dispatches: two.flatMap(({ dispatches }) => dispatches),
  }));
}
