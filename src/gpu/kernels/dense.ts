import plainWgsl from '../../../shaders/dense.wgsl?raw';
import naiveWgsl from '../../../shaders/dense-naive.wgsl?raw';
import reduceWgsl from '../../../shaders/dense-reduce.wgsl?raw';
import {
  type Candidate,
  ceilDiv,
  channelBlocks,
  type Dispatch,
  grid1d,
  gridFits,
  type KernelContext,
  type OperatorKernels,
  tensor,
} from '../kernel';
import { defineShader } from '../shader';
import { hasConstantWeights, packWeights } from './conv2d-shared';
import { epilogue, packBias } from './epilogue';

const naive = defineShader('dense-naive', naiveWgsl);
const plain = defineShader('dense', plainWgsl);
const reduce = defineShader('dense-reduce', reduceWgsl);
const WORKGROUP = 64;
/** Blocks of four outputs that a workgroup of dense-reduce makes, as the shader is written. */
const REDUCE_BLOCKS = 8;

function candidates(context: KernelContext<'dense'>): Candidate[] {
  const { node, inputs, outputs, device } = context;
  const [x, weight, bias, residual] = inputs;
  const [y] = outputs;
  const [outs, features] = weight.shape;
  const rows = y.shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  const blocks = channelBlocks(outs);

  const constantWeights = hasConstantWeights(context);
  const packed = constantWeights
    ? { weight: packWeights(weight, features, blocks), bias: packBias(bias, blocks) }
    : { weight: tensor(weight), bias: tensor(bias) };
  const { constants, bind, params } = epilogue(node.attributes, residual, packed.bias);
  const shared = {
    x_offset: x.offset,
    residual_offset: residual?.offset ?? 0,
    y_offset: y.offset,
    features,
    outputs: outs,
    alpha: params.alpha,
    beta: params.beta,
  };
  const operands = { x: tensor(x), y: tensor(y), ...bind };
  const one = (kernel: string, dispatch: Dispatch): Candidate => ({ kernel, setting: '', dispatches: [dispatch] });
  const baseline = one('dense-naive', {
    shader: naive,
    constants: { ...constants, WORKGROUP },
    bind: { ...operands, weight: tensor(weight), bias: tensor(bias) },
    params: { ...shared, weight_offset: weight.offset, bias_offset: bias.offset, size: rows * outs },
    workgroups: grid1d(rows * outs, WORKGROUP, device),
  });
  if (!constantWeights) return [baseline];
  const perOutput = one('dense', {
    shader: plain,
    constants: { ...constants, WORKGROUP },
    bind: { ...operands, ...packed },
    params: { ...shared, rows },
    workgroups: grid1d(rows * blocks, WORKGROUP, device),
  });
  const perWorkgroup = one('dense-reduce', {
    shader: reduce,
    constants,
    bind: { ...operands, ...packed },
    params: shared,
    workgroups: [ceilDiv(blocks, REDUCE_BLOCKS), rows, 1],
  });
  // Sharing out a sum pays while the outputs alone are too few invocations for a GPU.
  const alone = device.software || rows * blocks > 8192;
  return alone ? [perOutput, perWorkgroup, baseline] : [perWorkgroup, perOutput, baseline];
}

/** Fully connected layer: its variants, the best guess for this node and device first. */
export const dense: OperatorKernels<'dense'> = {
  layouts: (node) => ({ inputs: node.inputs.map(() => 'linear'), outputs: ['linear'] }),
  candidates: (context) =>
    candidates(context).filter(({ dispatches }) =>
      dispatches.every(({ workgroups }) => gridFits(workgroups, context.device)),
    ),
};
