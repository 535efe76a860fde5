import { Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import type { GraphEditor, WeightedNode } from './editor';

/**
 * Folds `y · scale + shift`, one of each per output channel, into the weighted node that makes y:
 * `(w · x + b) · s + t = (s · w) · x + (s · b + t)`. The node's output becomes `output`.
 *
 * @returns false if the weights are not constants; the graph is then unchanged
 */
export function scaleWeights(
  editor: GraphEditor,
  node: WeightedNode,
  scale: (channel: number) => number,
  shift: (channel: number) => number,
  output: string,
): boolean {
  const [x, weightName, biasName] = node.inputs;
  const weight = editor.constant(weightName);
  const bias = editor.constant(biasName);
  if (!weight || !bias) return false;
  const channels = bias.size;
  const channelOf = outputChannel(node, weight);
  const scales = Array.from({ length: channels }, (_, c) => scale(c));
  // A plain loop: over millions of weights it takes a tenth of the time of `Float32Array.from`.
  const scaled = new Float32Array(weight.size);
  for (let i = 0; i < scaled.length; i++) scaled[i] = weight.data[i] * scales[channelOf(i)];
  const shifted = Float32Array.from(bias.data, (value, c) => value * scales[c] + shift(c));
  const names = [
    editor.addConstant(`${weightName}*scale`, Tensor.float32(weight.shape, scaled)),
    editor.addConstant(`${biasName}*scale`, Tensor.float32([channels], shifted)),
  ];
  editor.replace(node, { ...node, inputs: [x, ...names], outputs: [output] } as GraphNode);
  return true;
}

/** Which output channel the i-th weight belongs to. */
function outputChannel(node: WeightedNode, weight: Tensor): (i: number) => number {
  const [first, second] = weight.shape;
  const inner = weight.size / first;
  if (node.op !== 'conv-transpose2d') return (i) => Math.floor(i / inner);
  // [C, O/groups, KH, KW]: the c-th input channel belongs to group c / (C / groups).
  const taps = inner / second;
  const { groups } = node.attributes;
  return (i) => Math.floor(Math.floor(i / inner) / (first / groups)) * second + (Math.floor(i / taps) % second);
}
