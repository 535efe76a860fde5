import { sameShape } from '../../tensor';
import type { GraphNode } from '../graph';
import { dropUnused, GraphEditor } from './editor';
import type { Pass } from './pass';

/** Drops nodes whose results are never read, nodes that change nothing, and constants that no node reads. */
export const dropDead: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const before of editor.nodes()) {
    const [output] = before.outputs;
    if (!changesNothing(editor, before) || editor.isKept(output)) continue;
    // Looked up again: redirecting its input has replaced the node.
    const node = editor.producer(output)!;
    editor.redirect(output, node.inputs[0]);
    editor.remove(node);
  }
  const read = new Set<string>();
  for (const node of editor.nodes().toReversed()) {
    if (!node.outputs.some((output) => read.has(output) || editor.isKept(output))) editor.remove(node);
    else for (const input of node.inputs) read.add(input);
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
