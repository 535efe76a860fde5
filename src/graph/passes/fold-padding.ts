import type { Padding } from '../../operators/window';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass } from './pass';

/** Lets a convolution pad with zeros by itself, instead of a padding node before it. */
export const foldPadding: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'conv2d') continue;
    const pad = editor.producer(node.inputs[0]);
    if (pad?.op !== 'pad' || pad.attributes.mode !== 'constant' || pad.attributes.value !== 0) continue;
    const { before, after } = pad.attributes;
    const spatial = [before[2], before[3], after[2], after[3]];
    if ([before[0], before[1], after[0], after[1]].some((p) => p !== 0) || spatial.some((p) => p < 0)) continue;
    const padding = node.attributes.padding.map((p, i) => p + spatial[i]) as unknown as Padding;
    const alone = editor.soleConsumer(node.inputs[0]) === node;
    editor.replace(node, {
      ...node,
      attributes: { ...node.attributes, padding },
      inputs: [pad.inputs[0], ...node.inputs.slice(1)],
    } as GraphNode);
    if (alone) editor.remove(pad);
  }
  return editor.build();
};
