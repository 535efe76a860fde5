import { sameShape } from '../../tensor';
import type { GraphNode } from '../graph';
import { dropUnused, GraphEditor } from './editor';
import type { Pass } from './pass';

/** Drops nodes whose results are never read, nodes that change nothing, and constants that no node reads. */
export const dropDead: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const [output] of editor.nodes().map((node) => node.outputs)) {
    // Looked up again: redirecting its input has replaced the node.
    const node = editor.producer(output);
    if (!node || !changesNothing(editor, node) || editor.isKept(output)) continue;
    editor.redirect(output, node.inputs[0]);
    editor.remove(node);
  }
  for (const node of editor.nodes().toReversed()) {
    const read = (output: string): boolean => editor.isRead(output) || editor.isKept(output);
    if (!node.outputs.some(read)) editor.remove(node);
  }
  return dropUnused(editor.build());
};

function changesNothing(editor: GraphEditor, node: GraphNode): boolean {
  switch (node.op) {
    case 'unary':
      return node.attributes.fn === 'identity';
    case 'cast':
      return node.attributes.to === editor.dtype(node.inputs[0]);
    case 'concat':
      return node.inputs.length === 1;
    case 'transpose':
      return node.attributes.permutation.every((axis, i) => axis === i);
    case 'reshape':
    case 'expand':
    case 'tile':
    case 'pad':
    case 'slice':
      return sameShape(editor.shape(node.inputs[0]), editor.shape(node.outputs[0])) && !moves(node);
    default:
      return false;
  }
}

/** Padding one side and cropping the other, and walking backwards, keep the shape but not the values. */
const moves = (node: GraphNode): boolean =>
  (node.op === 'pad' && node.attributes.before.some((amount) => amount !== 0)) ||
  (node.op === 'slice' && node.attributes.steps.some((step) => step < 0));
