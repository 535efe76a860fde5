import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass } from './pass';
import { repetition } from './upsampling';

/**
 * Lets a 1×1 convolution add a coarser map of a feature pyramid directly: it repeats each pixel as the resize before it
 * would (Lin et al. 2017, "Feature pyramid networks", section 3).
 */
export const repeatResidual: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'conv2d' || node.attributes.residual === 'none') continue;
    const resize = editor.madeFor(node.inputs[3], node, 'resize2d');
    if (!resize || !isMatrixProduct(editor, node)) continue;
    if (!repetition(resize.attributes, editor.shape(resize.inputs[0]))) continue;
    editor.replace(node, { ...node, inputs: node.inputs.with(3, resize.inputs[0]) } as GraphNode);
    editor.remove(resize);
  }
  return editor.build();
};

/** Whether the convolution is 1×1 with stride 1 and constant weights. */
function isMatrixProduct(editor: GraphEditor, { inputs, attributes }: GraphNode<'conv2d'>): boolean {
  const { stride, padding, groups } = attributes;
  const ones = [...editor.shape(inputs[1]).slice(2), ...stride, groups];
  const known = inputs.slice(1, 3).every((input) => editor.constant(input));
  return known && ones.every((v) => v === 1) && padding.every((v) => v === 0);
}
