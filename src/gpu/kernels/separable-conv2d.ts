import wgsl from '../../../shaders/separable-conv2d.wgsl?raw';
import naiveWgsl from '../../../shaders/separable-conv2d-naive.wgsl?raw';
import uniformWgsl from '../../../shaders/separable-conv2d-uniform.wgsl?raw';
import type { Graph } from '../../graph/graph';
import { NO_EPILOGUE } from '../../operators/epilogue';
import { filterShape, separableExtras } from '../../operators/separable-conv2d';
import { type Grid, grid1d, linearGrid, subgroupsAlong } from '../grid';
import {
  type Candidate,
  candidate,
  type KernelContext,
  type Launch,
  type Operand,
  type OperatorKernels,
  type PackedOperand,
  tensor,
} from '../kernel';
import { ceilDiv, channelBlocks, offsets, powerWithin, roundUp, type TensorDesc, view } from '../layout';
import { defineShader } from '../shader';
import { packDepthwise, slidingConstants } from './conv2d-depthwise';
import { hasConstantWeights, outputRows } from './convolution';
import { epilogueOf } from './epilogue';
import { inMatrices, packBias, packVectors, packWeights } from './packing';

const shader = defineShader('separable-conv2d', wgsl);
const naiveShader = defineShader('separable-conv2d-naive', naiveWgsl);
const uniformShader = defineShader('separable-conv2d-uniform', uniformWgsl);
export const { BLOCKS } = uniformShader.consts;
const { PIXELS } = shader.consts;
const LEAST_COLUMNS = 8;
/** Every device allows so many invocations of a workgroup, and so many vec4s of workgroup memory. */
const INVOCATIONS = 128;
const MOST_MEMORY = 1024;

/** From so many blocks on, an invocation loads more weights than anything else. */
const MANY_OUT_BLOCKS = 8;
const MANY_HIDDEN_BLOCKS = 32;
/** GPUs that so many invocations fill wait for these loads, larger ones for too few workgroups. */
const SMALL_GPU_INVOCATIONS = 2048;

type Context = KernelContext<'separable-conv2d'>;

/** A depthwise convolution and one of single pixels, without memory for what lies between them. */
export const separableConv2d: OperatorKernels<'separable-conv2d'> = {
  layouts: (node, graph) => ({
    inputs: node.inputs.map((_, i) => (isImage(i, node, graph) ? 'nhwc4' : 'linear')),
    outputs: ['nhwc4'],
  }),
  candidates: (context) => [...uniformCandidates(context), ...sharedCandidates(context), naiveCandidate(context)],
};

/** Whether an input lies in memory as pictures do. */
export function isImage(
  input: number,
  { inputs, attributes }: Pick<Context['node'], 'inputs' | 'attributes'>,
  { values }: Graph,
): boolean {
  const [residual, , addend] = separableExtras(inputs, attributes);
  return input === 1 ? isGate(values.get(inputs[1])!) : [inputs[0], residual, addend].includes(inputs[input]);
}

/** Filters that are one number for each channel, and may be computed. */
const isGate = ({ shape }: Pick<TensorDesc, 'shape'>): boolean => shape[1] > 1;

/** Constants, operands and parameters of all kernels. @param placeholder bound where there is no residual */
function shared({ node, inputs, outputs: [y] }: Context, placeholder: Operand) {
  const { depthwise, pointwise } = node.attributes;
  const [x, filters] = inputs;
  const [residual, slopes] = separableExtras(inputs, node.attributes);
  const first = epilogueOf({ ...NO_EPILOGUE, activation: depthwise.activation }, undefined, placeholder);
  const [, , outHeight, outWidth] = y.shape;
  return {
    constants: { DEPTHWISE_ACTIVATION: first.activation, SLOPES: slopes !== undefined },
    bind: { x, y },
    params: {
      x: view(x),
      y: view(y),
      in_height: x.shape[2],
      in_width: x.shape[3],
      out_height: outHeight,
      out_width: outWidth,
      out_channels: y.shape[1],
      residual_blocks: residual ? channelBlocks(residual.shape[1]) : 0,
      kernel: filters.shape.slice(2),
      stride: depthwise.stride,
      dilation: depthwise.dilation,
      padding: depthwise.padding.slice(0, 2),
      depthwise_alpha: first.alpha,
      depthwise_beta: first.beta,
    },
    epilogue: epilogueOf(pointwise, residual, placeholder),
  };
}

/** The sizes that a workgroup is chosen by. */
function sizesOf({ inputs, outputs }: Context) {
  const { rows, width } = outputRows({ outputs });
  return {
    inBlocks: channelBlocks(filterShape(inputs[1].shape)[0]),
    outBlocks: channelBlocks(outputs[0].shape[1]),
    tiles: rows * ceilDiv(width, PIXELS),
  };
}

/** How the invocations of a workgroup share out the sums. */
export interface Sharing {
  readonly grid: Grid;
  /** Blocks of the channels between the two convolutions, those that are zero included. */
  readonly hiddenBlocks: number;
  /** Output blocks of the weights, those that are zero included. */
  readonly weightBlocks: number;
  /** vec4s of workgroup memory. */
  readonly memory: number;
  readonly slices: number;
}

/** A launch of a kernel that takes packed weights; undefined where they are not known at load, or not finite. */
export function packedLaunch(
  context: Context,
  { grid, hiddenBlocks, weightBlocks, memory, slices }: Sharing,
  arrange: (weights: PackedOperand) => PackedOperand = (weights) => weights,
) {
  const { node, inputs, outputs } = context;
  const [, filters, filterBias, weight, bias] = inputs;
  const [, slopes] = separableExtras(inputs, node.attributes);
  // Of both convolutions: the second's follow those of the first.
  const isFixed = isGate(filters) ? filters.offset === 0 && filterBias.constant : hasConstantWeights({ inputs });
  if (!isFixed || !hasConstantWeights({ inputs: inputs.slice(2) })) return undefined;
  if (slopes && !slopes.constant) return undefined;
  const { inBlocks, outBlocks } = sizesOf(context);
  const packedBias = packBias(bias, weightBlocks);
  const { constants, bind, params, epilogue } = shared(context, packedBias);
  const { depthwise } = node.attributes;
  return {
    // Powers of two, so that layers share pipelines.
    grid: { ...grid, constants: { ...grid.constants, SLICES: slices, MEMORY: 2 * powerWithin(memory - 1) } },
    constants: { ...constants, ...slidingConstants(depthwise, filters) },
    bind: {
      ...bind,
      depthwise: isGate(filters) ? tensor(filters) : packDepthwise(filters),
      depthwise_bias: packVectors(slopes ? [filterBias, slopes] : [filterBias], inBlocks),
      weight: arrange(packWeights(weight, 4 * hiddenBlocks, weightBlocks)),
      bias: packedBias,
    },
    params: {
      ...params,
      rows: outputRows({ outputs }).rows,
      in_blocks: inBlocks,
      hidden_blocks: hiddenBlocks,
      out_blocks: outBlocks,
      weight_blocks: weightBlocks,
    },
    epilogue,
  };
}

/** With what is added to the channels between the two convolutions, if there is anything. */
function withAddend<L extends Pick<Launch, 'constants' | 'bind' | 'params'>>({ node, inputs }: Context, launch: L): L {
  const [, , addend] = separableExtras(inputs, node.attributes);
  const [x] = inputs;
  return {
    ...launch,
    constants: { ...launch.constants, ADDEND: addend !== undefined },
    bind: { ...launch.bind, addend: addend ?? x },
    params: { ...launch.params, addend: view(addend ?? x) },
  };
}

/**
 * Tiles whose sums the invocations of a workgroup share; undefined unless their channels fit workgroup memory.
 *
 * @param turn blocks of h that an invocation adds up at once
 * @param isWhole a workgroup makes all channels of its tiles, and keeps them in workgroup memory besides
 */
export function sharedSums(context: Context, turn = 2, isWhole = false): Sharing | undefined {
  const { device } = context;
  const { inBlocks, outBlocks, tiles } = sizesOf(context);
  const hiddenBlocks = roundUp(inBlocks, turn);
  const { sharedSumInvocations, subgroupSize = 0 } = device.profile;
  const columns = Math.max(LEAST_COLUMNS, subgroupSize, isWhole ? 2 * powerWithin(outBlocks - 1) : 0);
  if (PIXELS * hiddenBlocks > MOST_MEMORY || columns > INVOCATIONS) return undefined;
  const lines = INVOCATIONS / columns;
  const useful = Math.min(lines, hiddenBlocks / turn, (2 * sharedSumInvocations) / (tiles * outBlocks));
  const tilesOfGroup = powerWithin(Math.min(MOST_MEMORY / (PIXELS * hiddenBlocks), lines / powerWithin(useful)));
  const [y, z] = grid1d(tiles, tilesOfGroup, device);
  if (z > 1) return undefined;
  const kept = isWhole ? tilesOfGroup * roundUp(outBlocks, turn) : 0;
  return {
    grid: {
      workgroups: [ceilDiv(outBlocks, columns), y, 1],
      constants: { COLUMNS: columns, TILES: tilesOfGroup },
      ...subgroupsAlong(columns, device),
    },
    hiddenBlocks,
    weightBlocks: outBlocks,
    memory: PIXELS * Math.max(tilesOfGroup * hiddenBlocks, INVOCATIONS + kept),
    slices: lines / tilesOfGroup,
  };
}

/** The same by subgroups whose invocations share all weights, where a shader can ask for their size. */
export function uniformSums(context: Context, isWhole = false): Sharing | undefined {
  const { device } = context;
  const { quads, subgroupSize, sharedSumInvocations } = device.profile;
  const { inBlocks, outBlocks, tiles } = sizesOf(context);
  const hiddenBlocks = roundUp(inBlocks, 2);
  if (quads === 'never' || subgroupSize === undefined || subgroupSize > INVOCATIONS) return undefined;
  if (subgroupSize * hiddenBlocks > MOST_MEMORY) return undefined;
  const weightBlocks = roundUp(outBlocks, BLOCKS);
  const channelTiles = weightBlocks / BLOCKS;
  const subgroups = INVOCATIONS / subgroupSize;
  const groups = ceilDiv(channelTiles, subgroups);
  if (isWhole && groups > 1) return undefined;
  const tilesOfGroup = ceilDiv(channelTiles, groups);
  const lines = subgroups / tilesOfGroup;
  const useful = Math.min(lines, hiddenBlocks / 2, (2 * sharedSumInvocations) / (PIXELS * tiles * channelTiles));
  const sets = powerWithin(Math.min(MOST_MEMORY / (subgroupSize * hiddenBlocks), lines / powerWithin(useful)));
  const hasManyWeights = weightBlocks >= MANY_OUT_BLOCKS && hiddenBlocks >= MANY_HIDDEN_BLOCKS;
  const isLoadBound = isWhole && hasManyWeights && sharedSumInvocations <= SMALL_GPU_INVOCATIONS;
  const each = isLoadBound ? Math.min(2, sets) : 1;
  const kept = isWhole ? roundUp(outBlocks, 2) : 0;
  // Partial sums have to fit where h was.
  const fitting = (MOST_MEMORY / (subgroupSize * sets) - kept) / (tilesOfGroup * BLOCKS);
  const slices = powerWithin(Math.min((each * lines) / sets, hiddenBlocks / 2, Math.max(lines / sets, fitting)));
  const [y, z] = grid1d(tiles, (sets * subgroupSize) / PIXELS, device);
  if (z > 1) return undefined;
  const partial = tilesOfGroup * slices * BLOCKS + kept;
  return {
    grid: {
      workgroups: [groups, y, 1],
      constants: {
        LANES: subgroupSize,
        TILES: tilesOfGroup,
        ...(isWhole && { EACH: each }),
        LINES: (slices * sets) / each,
      },
      subgroupSize,
    },
    hiddenBlocks,
    weightBlocks,
    memory: subgroupSize * sets * Math.max(hiddenBlocks, partial),
    slices,
  };
}

function sharedCandidates(context: Context): Candidate[] {
  const sharing = sharedSums(context);
  const launch = sharing && packedLaunch(context, sharing);
  return launch ? [candidate(shader, withAddend(context, launch), `${sharing.slices} slices`)] : [];
}

function uniformCandidates(context: Context): Candidate[] {
  const sharing = uniformSums(context);
  const launch = sharing && packedLaunch(context, sharing, (weights) => inMatrices(weights, sharing.weightBlocks));
  return launch ? [candidate(uniformShader, withAddend(context, launch), `${sharing.slices} slices`)] : [];
}

/** One invocation for each vec4 of the output; the baseline. */
function naiveCandidate(context: Context): Candidate {
  const { inputs, outputs, device } = context;
  const [, depthwise, depthwise_bias, weight, bias] = inputs;
  const [, slopes, addend] = separableExtras(inputs, context.node.attributes);
  const extra = slopes ?? addend ?? bias;
  const { rows, width } = outputRows(context);
  const size = rows * width * channelBlocks(outputs[0].shape[1]);
  const { constants, bind, params, epilogue } = shared(context, tensor(inputs[0]));
  return candidate(naiveShader, {
    grid: linearGrid(size, device),
    constants: { ...constants, ADDEND: addend !== undefined },
    bind: { ...bind, depthwise, depthwise_bias, weight, bias, extra },
    params: {
      ...params,
      ...offsets({ depthwise, depthwise_bias, weight, bias, extra }),
      addend: addend ? view(addend) : [0, 0, 0, 0],
      in_channels: filterShape(depthwise.shape)[0],
      size,
    },
    epilogue,
  });
}
