import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass } from './pass';

/**
 * Turns a concatenation with zeros at either end into a padding node, which a convolution can then take in. Exporters
 * write asymmetric padding so.
 */
export const zerosToPadding: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'concat') continue;
    const isZeros = (input: string): boolean => editor.constant(input)?.data.every((v: number) => v === 0) ?? false;
    const { axis } = node.attributes;
    const kept = node.inputs.filter((input) => !isZeros(input));
    if (kept.length !== 1 || node.inputs.length === 1 || editor.dtype(kept[0]) !== 'float32') continue;
    const at = node.inputs.indexOf(kept[0]);
    const lengthOf = (inputs: readonly string[]): number =>
      inputs.reduce((sum, input) => sum + editor.shape(input)[axis], 0);
    const along = (amount: number): number[] => editor.shape(kept[0]).map((_, i) => (i === axis ? amount : 0));
    editor.replace(node, {
      name: node.name,
      op: 'pad',
      attributes: {
        mode: 'constant',
        before: along(lengthOf(node.inputs.slice(0, at))),
        after: along(lengthOf(node.inputs.slice(at + 1))),
        value: 0,
      },
      inputs: kept,
      outputs: node.outputs,
    } satisfies GraphNode<'pad'>);
  }
  return editor.build();
};
