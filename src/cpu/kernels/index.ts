import type { GraphNode } from '../../graph/graph';
import type { Operator } from '../../operators';
import type { KernelFamily, NodeShapes } from '../kernel';
import { convTranspose2d } from './conv-transpose2d';
import { conv2dDepthwise } from './conv2d-depthwise';
import { conv2dGemm } from './conv2d-gemm';
import { conv2dWinograd } from './conv2d-winograd';
import { concat, expand, slice, split, transpose } from './copies';
import { dense } from './dense';
import { binary, unary } from './elementwise';
import { matmul } from './matmul';
import { averagePool2d, globalPool2d, maxPool2d } from './pool2d';
import { reference } from './reference';
import { resize2d } from './resize2d';
import { softmax } from './softmax';

/** By operator, what runs it fast, best first. */
const FAMILIES: { readonly [O in Operator]?: readonly KernelFamily<O>[] } = {
  // Never run: a reshape is another view of its input, and lower.ts takes the other apart.
  reshape: [],
  'upsample-conv2d': [],
  'average-pool2d': [averagePool2d],
  binary: [binary],
  concat: [concat],
  'conv-transpose2d': [convTranspose2d],
  conv2d: [conv2dDepthwise, conv2dWinograd, conv2dGemm],
  dense: [dense],
  expand: [expand],
  'global-pool2d': [globalPool2d],
  matmul: [matmul],
  'max-pool2d': [maxPool2d],
  resize2d: [resize2d],
  slice: [slice],
  softmax: [softmax],
  split: [split],
  transpose: [transpose],
  unary: [unary],
};

const nothing: KernelFamily = { fits: () => true, bind: () => ({ parts: 0, run() {} }) };

/** Whether an operator's nodes need references.ts. */
export const isReferenceOnly = (op: Operator): boolean => !Object.hasOwn(FAMILIES, op);

/**
 * Whatever can run a node, best first.
 *
 * @param isConstant whether the node's second input is known at load and finite
 */
export function familiesFor(node: GraphNode, shapes: NodeShapes, isConstant: boolean): readonly KernelFamily[] {
  if (shapes.outputs.every(({ shape }) => shape.includes(0))) return [nothing];
  const families = (FAMILIES[node.op] ?? [reference]) as readonly KernelFamily[];
  return families.filter((family) => family.fits(node, shapes, isConstant));
}
