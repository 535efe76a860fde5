import type { GraphNode } from '../graph';
import { dropUnused, GraphEditor } from './editor';
import type { Pass } from './pass';

/** A split of which at most half of the parts are read becomes slices: nothing makes the other parts. */
export const splitToSlices: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  const isRead = (part: string): boolean => editor.isKept(part) || editor.consumers(part).length > 0;
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== 'split' || 2 * node.outputs.filter(isRead).length > node.outputs.length) return [node];
    const { axis, sizes } = node.attributes;
    const whole = editor.shape(node.inputs[0]);
    let end = 0;
    return node.outputs.flatMap((part, i): GraphNode<'slice'>[] => {
      end += sizes[i];
      if (!isRead(part)) return [];
      const starts = whole.map((_, d) => (d === axis ? end - sizes[i] : 0));
      const attributes = { starts, steps: whole.map(() => 1), sizes: editor.shape(part) };
      return [{ op: 'slice', name: `${node.name}.${i}`, inputs: node.inputs, outputs: [part], attributes }];
    });
  });
  return dropUnused({ ...graph, nodes });
};
