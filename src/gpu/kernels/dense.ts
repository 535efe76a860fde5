import plainWgsl from '../../../shaders/dense.wgsl?raw';
import naiveWgsl from '../../../shaders/dense-naive.wgsl?raw';
import reduceWgsl from '../../../shaders/dense-reduce.wgsl?raw';
import { linearGrid } from '../grid';
import { allLinear, candidate, type OperatorKernels, tensor } from '../kernel';
import { ceilDiv, channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights } from './convolution';
import { epilogueOf } from './epilogue';
import { packBias, packWeights } from './packing';

const naive = defineShader('dense-naive', naiveWgsl);
const plain = defineShader('dense', plainWgsl);
const reduce = defineShader('dense-reduce', reduceWgsl);

/** Fully connected layer: its variants, the best guess for this node and device first. */
export const dense: OperatorKernels<'dense'> = {
  layouts: allLinear,
  candidates: (context) => {
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
    const epilogue = epilogueOf(node.attributes, residual, packed.bias);
    const constants = { ACTIVATION: epilogue.activation, RESIDUAL: epilogue.residual };
    const bind = { x, y, residual: epilogue.operand };
    const params = {
      x_offset: x.offset,
      residual_offset: residual?.offset ?? 0,
      y_offset: y.offset,
      features,
      outputs: outs,
      alpha: epilogue.alpha,
      beta: epilogue.beta,
    };
    const baseline = candidate(naive, {
      grid: linearGrid(rows * outs, device),
      constants,
      bind: { ...bind, weight, bias },
      params: { ...params, weight_offset: weight.offset, bias_offset: bias.offset, size: rows * outs },
    });
    if (!constantWeights) return [baseline];
    const perOutput = candidate(plain, {
      grid: linearGrid(rows * blocks, device),
      constants,
      bind: { ...bind, ...packed },
      params: { ...params, rows },
    });
    const perWorkgroup = candidate(reduce, {
      grid: { workgroups: [ceilDiv(blocks, reduce.consts.BLOCKS), rows, 1] },
      constants,
      bind: { ...bind, ...packed },
      params,
    });
    const { slowBarriers, sharedSumInvocations } = device.profile;
    const alone = slowBarriers || rows * blocks > sharedSumInvocations;
    return alone ? [perOutput, perWorkgroup, baseline] : [perWorkgroup, perOutput, baseline];
  },
};
