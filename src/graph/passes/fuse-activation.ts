import { type Activation, FUSABLE_ACTIVATIONS } from '../../operators/epilogue';
import type { UnaryAttributes } from '../../operators/unary';
import type { GraphNode } from '../graph';
import { GraphEditor, isWeighted } from './editor';
import type { Pass } from './pass';

const isFusable = (attributes: UnaryAttributes): attributes is Activation =>
  (FUSABLE_ACTIVATIONS as readonly string[]).includes(attributes.fn);

/** Moves an activation into the weighted node before it, so that the value is stored once. */
export const fuseActivation: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'unary' || !isFusable(node.attributes)) continue;
    const weighted = editor.producer(node.inputs[0]);
    if (!isWeighted(weighted) || editor.soleConsumer(node.inputs[0]) !== node) continue;
    const { activation, residual } = weighted.attributes;
    if (activation.fn !== 'identity' || residual === 'after-activation') continue;
    const attributes = { ...weighted.attributes, activation: node.attributes };
    editor.remove(node);
    editor.replace(weighted, { ...weighted, attributes, outputs: node.outputs } as GraphNode);
  }
  return editor.build();
};
