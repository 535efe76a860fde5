import { UnsupportedOperatorError } from '../../errors';
import type { Graph, GraphNode } from '../../graph/graph';
import type { Operator } from '../../graph/operators';
import type { OperatorKernels } from '../kernel';
import { concat } from './concat';
import { conv2d, loadVariantsForSoftware } from './conv2d';
import { dense } from './dense';
import { globalPool2d } from './global-pool2d';
import { maxPool2d } from './max-pool2d';
import { reshape } from './reshape';
import { resize2d } from './resize2d';
import { slice } from './slice';
import { softmax } from './softmax';
import { transpose } from './transpose';

/** Kernels of some operators. */
export type Kernels<O extends Operator> = { readonly [K in O]: OperatorKernels<K> };

/** What classifiers and U-Nets are made of once they are fused. */
const own = {
  concat,
  conv2d,
  dense,
  'global-pool2d': globalPool2d,
  'max-pool2d': maxPool2d,
  reshape,
  resize2d,
  slice,
  softmax,
  transpose,
};

export type DetectionOperator = 'ssd-decode' | 'non-maximum-suppression';
/** Every operator of which the three networks have none. */
export type FurtherOperator = Exclude<Operator, keyof typeof own | DetectionOperator | 'upsample-conv2d'>;

/** What was loaded so far: more is downloaded with the first graph that has it. */
const loaded: Partial<Kernels<Operator>> = { ...own };

/**
 * Makes sure that the kernels of a graph's operators are there; to be awaited before a plan is made.
 *
 * @param variants also those that only software adapters choose and tuning tries
 */
export async function loadKernels(graph: Graph, variants = true): Promise<void> {
  if (variants && graph.nodes.some(({ op }) => op === 'conv2d')) await loadVariantsForSoftware();
  for (const { op } of graph.nodes) if (!(op in loaded)) Object.assign(loaded, await kernelsWith(op));
}

async function kernelsWith(op: Operator): Promise<Partial<Kernels<Operator>>> {
  switch (op) {
    case 'ssd-decode':
    case 'non-maximum-suppression':
      return (await import('./detection')).detection;
    case 'upsample-conv2d':
      return { [op]: (await import('./upsample-conv2d')).upsampleConv2d };
    default:
      return (await import('./further')).further;
  }
}

/** The kernels of a node's operator, which were loaded. */
export function kernelsOf({ op, name }: GraphNode): OperatorKernels {
  const found = loaded[op];
  if (!found) throw new UnsupportedOperatorError([{ node: name, operator: op, reason: 'its kernels were not loaded' }]);
  return found as unknown as OperatorKernels;
}
