import { sameShape } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor, isWeighted, type WeightedNode } from './editor';
import type { Pass } from './pass';

/**
 * Moves the addition of a residual into the weighted node that makes one side of the sum. That node takes the
 * addition's place, where the other side is computed already. No other node reads its result, so nothing else moves.
 */
export const fuseResidual: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'binary' || node.attributes.fn !== 'add') continue;
    const [a, b] = node.inputs;
    if (a === b || !sameShape(editor.shape(a), editor.shape(b))) continue;
    const canTake = (value: string): WeightedNode | undefined => {
      const weighted = editor.producer(value);
      const free = isWeighted(weighted) && weighted.attributes.residual === 'none';
      return free && editor.soleConsumer(value) === node ? weighted : undefined;
    };
    // When both sides could take the residual, either would do.
    const weighted = canTake(b) ?? canTake(a);
    if (!weighted) continue;
    const other = weighted === editor.producer(b) ? a : b;
    const residual = weighted.attributes.activation.fn === 'identity' ? 'before-activation' : 'after-activation';
    editor.remove(weighted);
    editor.replace(node, {
      ...weighted,
      attributes: { ...weighted.attributes, residual },
      inputs: [...weighted.inputs, other],
      outputs: node.outputs,
    } as GraphNode);
  }
  return editor.build();
};
