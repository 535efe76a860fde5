import wgsl from '../../../shaders/squeeze-excite.wgsl?raw';
import naiveWgsl from '../../../shaders/squeeze-excite-naive.wgsl?raw';
import { NO_EPILOGUE } from '../../operators/epilogue';
import { gateProducts } from '../../operators/squeeze-excite';
import { linearGrid } from '../grid';
import { type Candidate, candidate, type KernelContext, type OperatorKernels, tensor } from '../kernel';
import { channelBlocks, offsets, powerWithin, type TensorDesc, view } from '../layout';
import { defineShader } from '../shader';
import { epilogueOf } from './epilogue';
import { joinPacked, packBias, packWeights } from './packing';

const shader = defineShader('squeeze-excite', wgsl);
const naiveShader = defineShader('squeeze-excite-naive', naiveWgsl);
/** vec4s of workgroup memory that every device has. */
const MOST_MEMORY = 1024;
/** Invocations of a workgroup, where so many are allowed: one workgroup is all there is. */
const INVOCATIONS = 256;

type Context = KernelContext<'squeeze-excite'>;

/** The mean of a picture and 1×1 convolutions of it. */
export const squeezeExcite: OperatorKernels<'squeeze-excite'> = {
  layouts: ({ inputs }) => ({
    inputs: inputs.map((_, i) => (i === 0 || i === 5 ? 'nhwc4' : 'linear')),
    outputs: ['nhwc4'],
  }),
  candidates: (context) => [...sharedCandidates(context), naiveCandidate(context)],
};

/** Constants, operands and parameters of both kernels. */
function common({ node, inputs, outputs: [y] }: Context) {
  const [x] = inputs;
  const addend = inputs.at(5);
  const products = gateProducts(inputs, node.attributes);
  const [first, last] = [products[0], products.at(-1)!].map(({ activation }) =>
    epilogueOf({ ...NO_EPILOGUE, activation }, undefined, tensor(x)),
  );
  return {
    products,
    constants: {
      ADDEND: addend !== undefined,
      TWO: products.length > 1,
      HIDDEN_ACTIVATION: first.activation,
      ACTIVATION: last.activation,
    },
    bind: { x, addend: addend ?? x, y },
    params: {
      x: view(x),
      addend: view(addend ?? x),
      y: view(y),
      width: x.shape[3],
      hidden_channels: products[0].bias.shape[0],
      out_channels: y.shape[1],
      hidden_alpha: first.alpha,
      hidden_beta: first.beta,
      alpha: last.alpha,
      beta: last.beta,
    },
  };
}

const powerFrom = (least: number): number => 2 * powerWithin(least - 1);

/** Whether the rows of an image follow each other, so that one index counts its pixels. */
const hasNoGaps = ({ shape: [, , height, width], strides: [, , row, pixel] }: TensorDesc): boolean =>
  height === 1 || row === width * pixel;

/** All of an image by one workgroup. */
function sharedCandidates(context: Context): Candidate[] {
  const { inputs, device } = context;
  const [x] = inputs;
  const { products, constants, bind, params } = common(context);
  const [batch, channels, height, width] = x.shape;
  const inBlocks = channelBlocks(channels);
  const blocks = products.map(({ bias }) => channelBlocks(bias.shape[0]));
  const lanes = Math.min(INVOCATIONS, powerWithin(device.limits.maxComputeInvocationsPerWorkgroup));
  const isKnown = products.every(({ weight, bias }) => weight.constant && bias.constant);
  const memory = lanes + inBlocks + blocks[0];
  if (!isKnown || memory > MOST_MEMORY) return [];
  const slicesFor = (outBlocks: number): number => lanes / Math.min(lanes, powerFrom(outBlocks));
  const from = [inBlocks, ...blocks];
  const launch = {
    grid: { workgroups: [batch, 1, 1], constants: { LANES: lanes, MEMORY: powerFrom(memory) } },
    constants: { ...constants, ONE_ROW: [x, inputs.at(5) ?? x].every(hasNoGaps) },
    bind: {
      ...bind,
      weight: joinPacked(products.map(({ weight }, i) => packWeights(weight, 4 * from[i], blocks[i]))),
      bias: joinPacked(products.map(({ bias }, i) => packBias(bias, blocks[i]))),
    },
    params: {
      ...params,
      pixels: height * width,
      in_blocks: inBlocks,
      hidden_blocks: blocks[0],
      out_blocks: blocks.at(-1)!,
      slices: slicesFor(inBlocks),
      hidden_slices: slicesFor(blocks[0]),
      out_slices: slicesFor(blocks.at(-1)!),
    },
  } as const;
  return [candidate(shader, launch, `${slicesFor(inBlocks)} slices`)];
}

/** One invocation for each vec4 of the output; the baseline. */
function naiveCandidate(context: Context): Candidate {
  const {
    inputs: [x],
    outputs: [y],
    device,
  } = context;
  const { products, constants, bind, params } = common(context);
  const [{ weight, bias }, { weight: gate_weight, bias: gate_bias }] = [products[0], products.at(-1)!];
  const size = y.shape[0] * channelBlocks(y.shape[1]);
  return candidate(naiveShader, {
    grid: linearGrid(size, device),
    constants,
    bind: { ...bind, weight, bias, gate_weight, gate_bias },
    params: {
      ...params,
      ...offsets({ weight, bias, gate_weight, gate_bias }),
      size,
      height: x.shape[2],
      channels: x.shape[1],
    },
  });
}
