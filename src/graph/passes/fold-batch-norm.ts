import { GraphEditor, isBare, isWeighted } from './editor';
import type { Pass } from './pass';
import { scaleWeights } from './scale-weights';

/**
 * Folds batch normalisation into the convolution, transposed convolution or dense layer before it:
 * `γ · (y - μ) / √(σ² + ε) + β` is a scale and a shift per channel. Ioffe and Szegedy 2015, section 3.1.
 */
export const foldBatchNorm: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) {
    if (node.op !== 'batch-norm') continue;
    const weighted = editor.producer(node.inputs[0]);
    const [gamma, beta, mean, variance] = node.inputs.slice(1).map((input) => editor.constant(input)?.data);
    if (!isWeighted(weighted) || !isBare(weighted) || editor.soleConsumer(node.inputs[0]) !== node) continue;
    if (!gamma || !beta || !mean || !variance) continue;
    // A dense layer's outputs are the last axis; the channels are the second.
    if (weighted.op === 'dense' && editor.shape(node.outputs[0]).length !== 2) continue;
    const scale = (c: number): number => gamma[c] / Math.sqrt(variance[c] + node.attributes.epsilon);
    const shift = (c: number): number => beta[c] - mean[c] * scale(c);
    if (scaleWeights(editor, weighted, scale, shift, node.outputs[0])) editor.remove(node);
  }
  return editor.build();
};
