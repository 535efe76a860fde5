import { UnsupportedOperatorError } from '../../errors';
import type { Graph, GraphNode } from '../../graph/graph';
import type { Operator } from '../../graph/operators';
import type { OperatorKernels } from '../kernel';
import { concat } from './concat';
import { conv2d } from './conv2d';
import { dense } from './dense';
import { globalPool2d } from './global-pool2d';
import { maxPool2d } from './max-pool2d';
import { nonMaximumSuppression } from './non-maximum-suppression';
import { reshape } from './reshape';
import { resize2d } from './resize2d';
import { softmax } from './softmax';
import { ssdDecode } from './ssd-decode';
import { transpose } from './transpose';

/** What classifiers, SSD-style detectors and U-Nets are made of once they are fused. */
const own = {
  concat,
  conv2d,
  dense,
  'global-pool2d': globalPool2d,
  'max-pool2d': maxPool2d,
  'non-maximum-suppression': nonMaximumSuppression,
  reshape,
  resize2d,
  softmax,
  'ssd-decode': ssdDecode,
  transpose,
};

/** Every operator that is not loaded at once. */
export type FurtherKernels = { readonly [O in Exclude<Operator, keyof typeof own>]: OperatorKernels<O> };

/** Downloaded with the first graph that has one of them. */
let further: FurtherKernels | undefined;

const isOwn = (op: Operator): op is keyof typeof own => op in own;

/** Makes sure that the kernels of a graph's operators are there; to be awaited before a plan is made. */
export async function loadKernels(graph: Graph): Promise<void> {
  if (!further && !graph.nodes.every(({ op }) => isOwn(op))) further = (await import('./further')).further;
}

/** The kernels of a node's operator, which were loaded. */
export function kernelsOf({ op, name }: GraphNode): OperatorKernels {
  const found = isOwn(op) ? own[op] : further?.[op];
  if (!found) throw new UnsupportedOperatorError([{ node: name, operator: op, reason: 'its kernels were not loaded' }]);
  return found as unknown as OperatorKernels;
}
