import wgsl from '../../../shaders/layer-norm.wgsl?raw';
import { sizeOf } from '../../tensor';
import { allLinear, type Candidate, candidate, type KernelContext, type OperatorKernels } from '../kernel';
import { offsets } from '../layout';
import { defineShader } from '../shader';
import { sharings } from './rows';

const shader = defineShader('layer-norm', wgsl);

/** Layer normalisation over the last axes of a row-major tensor. Scale and bias need not be constants. */
export const layerNorm: OperatorKernels<'layer-norm'> = {
  layouts: allLinear,
  candidates: (context) => normaliseRows(context, context.node.attributes.axis, false),
};

/** Rows are the axes from `axis` on; scale and bias have the shape of a row or, `perRow`, that of the axis before it. */
export function normaliseRows(
  { node, inputs: [x, scale, bias], outputs: [y], device }: KernelContext<'layer-norm' | 'instance-norm'>,
  axis: number,
  perRow: boolean,
): Candidate[] {
  const count = sizeOf(x.shape.slice(0, axis));
  const length = sizeOf(x.shape.slice(axis));
  const { epsilon } = node.attributes;
  const params = { count, length, ...offsets({ x, scale, bias, y }), channels: scale.shape[0] ?? 1, epsilon };
  return sharings(length, count, 1, device).map(({ grid, setting }) =>
    candidate(shader, { grid, constants: { PER_ROW: perRow }, bind: { x, scale, bias, y }, params }, setting),
  );
}
