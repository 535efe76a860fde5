import type { Tensor } from '../../tensor';
import { GraphEditor, isBare, isWeighted, type WeightedNode } from './editor';
import type { Pass } from './pass';
import { scaleWeights } from './scale-weights';

/**
 * Folds arithmetic with a constant per channel (addition, subtraction, multiplication, division) into the weights and
 * bias of the weighted node before it.
 */
export const fuseBias: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'binary' || !editor.has(node)) continue;
    const side = node.inputs.findIndex((input) => isWeighted(editor.producer(input)));
    if (side < 0) continue;
    const weighted = editor.producer(node.inputs[side]) as WeightedNode;
    const operand = editor.constant(node.inputs[1 - side]);
    if (!operand || !isBare(weighted) || editor.soleConsumer(node.inputs[side]) !== node) continue;
    const value = perChannel(operand, editor.shape(node.outputs[0]), weighted.op === 'dense');
    if (!value) continue;
    if (editor.shape(node.outputs[0]).join() !== editor.shape(node.inputs[side]).join()) continue;
    const rule = ruleFor(node.attributes.fn, side === 0, value);
    if (!rule) continue;
    if (scaleWeights(editor, weighted, rule.scale, rule.shift, node.outputs[0])) editor.remove(node);
  }
  return editor.build();
};

type PerChannel = (channel: number) => number;

/** `y fn k` (or `k fn y`) as a scale and a shift of y. */
function ruleFor(fn: string, first: boolean, k: PerChannel): { scale: PerChannel; shift: PerChannel } | undefined {
  if (fn === 'add') return { scale: () => 1, shift: k };
  if (fn === 'sub') return first ? { scale: () => 1, shift: (c) => -k(c) } : { scale: () => -1, shift: k };
  if (fn === 'mul') return { scale: k, shift: () => 0 };
  if (fn === 'div' && first) return { scale: (c) => 1 / k(c), shift: () => 0 };
  return undefined;
}

/** A constant as one number per channel, if broadcasting makes it that. */
function perChannel(operand: Tensor, output: readonly number[], channelsLast: boolean): PerChannel | undefined {
  const { shape, data } = operand;
  if (operand.size === 1 && shape.length <= output.length) return () => data[0];
  const axis = channelsLast ? output.length - 1 : 1;
  const offset = output.length - shape.length;
  const fits = offset >= 0 && shape.every((extent, i) => extent === (i + offset === axis ? output[axis] : 1));
  return fits ? (c) => data[c] : undefined;
}
