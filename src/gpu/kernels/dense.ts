import wgsl from '../../../shaders/dense.wgsl?raw';
import naiveWgsl from '../../../shaders/dense-naive.wgsl?raw';
import { grid1d, linearGrid } from '../grid';
import { allLinear, type Candidate, candidate, type OperatorKernels, tensor } from '../kernel';
import { channelBlocks } from '../layout';
import { defineShader } from '../shader';
import { hasConstantWeights } from './convolution';
import { epilogueOf } from './epilogue';
import { packBias, packWeights } from './packing';

const naive = defineShader('dense-naive', naiveWgsl);
const shader = defineShader('dense', wgsl);

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
    const sharedBy = (SLICES: number, BLOCKS: number): Candidate => {
      const grid = { workgroups: grid1d(rows * blocks, BLOCKS, device), constants: { BLOCKS, SLICES } };
      const launch = { grid, constants, bind: { ...bind, ...packed }, params: { ...params, rows } };
      return candidate(shader, launch, `${SLICES} per sum`);
    };
    const [alone, shared, spread] = [sharedBy(1, 64), sharedBy(16, 8), sharedBy(32, 4)];
    const { slowBarriers, sharedSumInvocations } = device.profile;
    const sums = rows * blocks;
    if (slowBarriers || sums > sharedSumInvocations) return [alone, shared, spread, baseline];
    // A few sums do not fill a GPU even when shared.
    return 16 * sums <= sharedSumInvocations ? [spread, shared, alone, baseline] : [shared, spread, alone, baseline];
  },
};
