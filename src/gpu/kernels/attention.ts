import wgsl from '../../../shaders/attention.wgsl?raw';
import naiveWgsl from '../../../shaders/attention-naive.wgsl?raw';
import { ArgumentError } from '../../errors';
import { sizeOf } from '../../tensor';
import { grid1d, linearGrid } from '../grid';
import { allLinear, type Candidate, candidate, type KernelContext, type OperatorKernels } from '../kernel';
import { ceilDiv, offsets } from '../layout';
import { defineShader } from '../shader';
import { batchStrides, broadcastStrides, leadingAxes, MAX_RANK } from './strided-box';

const naive = defineShader('attention-naive', naiveWgsl);
const online = defineShader('attention', wgsl);
const { LANES, QUERIES } = online.consts;

/** Scaled dot-product attention: its variants, the best guess first. */
export const attention: OperatorKernels<'attention'> = {
  layouts: allLinear,
  candidates: (context) => [...onlineCandidates(context), naiveCandidate(context)],
};

type Context = KernelContext<'attention'>;

/** What both shaders bind and ask for. */
function launchOf({ node, inputs, outputs }: Context) {
  const [q, k, v, mask] = inputs;
  const [y] = outputs;
  const batch = y.shape.slice(0, -2);
  if (batch.length > MAX_RANK) {
    throw new ArgumentError(`it has ${batch.length} leading axes, and the kernels know ${MAX_RANK}`);
  }
  const [queries] = y.shape.slice(-2);
  const [keys] = k.shape.slice(-2);
  const ofMask = mask ? broadcastStrides(mask, [...batch, queries, keys]) : [];
  const [mask_row = 0, mask_key = 0] = ofMask.slice(-2);
  const params = {
    shape: leadingAxes(batch, 1),
    mask_strides: leadingAxes(ofMask.slice(0, -2), 0),
    mask_offset: mask?.offset ?? 0,
    mask_row,
    mask_key,
    queries,
    keys,
    scale: node.attributes.scale,
  };
  return { bind: { q, k, v, mask: mask ?? q, y }, constants: { MASKED: mask !== undefined }, params };
}

/** One invocation per output, which computes the scores of its query. */
function naiveCandidate(context: Context): Candidate {
  const { inputs, outputs, device } = context;
  const [q, k, v] = inputs;
  const [y] = outputs;
  const { bind, constants, params } = launchOf(context);
  const size = sizeOf(y.shape);
  return candidate(naive, {
    grid: linearGrid(size, device),
    constants,
    bind,
    params: {
      ...params,
      ...offsets({ q, k, v, y }),
      q_strides: batchStrides(q),
      k_strides: batchStrides(k),
      v_strides: batchStrides(v),
      depth: q.shape.at(-1)!,
      width: v.shape.at(-1)!,
      size,
    },
  });
}

/** A row of invocations per query, for rows of whole vec4s. */
function onlineCandidates(context: Context): Candidate[] {
  const { inputs, outputs, device } = context;
  const [q, k, v] = inputs;
  const [y] = outputs;
  const [depth, width] = [q.shape.at(-1)! / 4, v.shape.at(-1)! / 4];
  const { bind, constants, params } = launchOf(context);
  const fits = Number.isInteger(depth) && Number.isInteger(width) && width <= 2 * LANES;
  if (!fits || sizeOf(y.shape) === 0 || params.keys === 0) return [];
  const inVectors = (list: readonly number[]): number[] => list.map((elements) => elements / 4);
  const groups = ceilDiv(params.queries, QUERIES);
  const size = groups * sizeOf(y.shape.slice(0, -2));
  return [
    candidate(online, {
      grid: { workgroups: grid1d(size, 1, device) },
      constants,
      bind,
      params: {
        ...params,
        q_strides: inVectors(batchStrides(q)),
        k_strides: inVectors(batchStrides(k)),
        v_strides: inVectors(batchStrides(v)),
        q_offset: q.offset / 4,
        k_offset: k.offset / 4,
        v_offset: v.offset / 4,
        y_offset: y.offset / 4,
        depth,
        width,
        groups,
        size,
      },
    }),
  ];
}
