import { sameShape, sizeOf, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import { foldBatchNorm } from './fold-batch-norm';
import type { Pass } from './pass';
import { preluSlopes } from './prelu';

/**
 * Batch normalisations that no weights took in: those behind an enlargement move ahead of it, where a convolution may take them in;
 * the others take in a sum before them and a PReLU behind them.
 */
export const fuseBatchNorm: Pass = (graph) => withNeighbours(foldBatchNorm(aheadOfEnlargements(graph)));

/** A resized pixel is a mean of pixels with weights that add up to one, so that scaling and shifting it can come first. */
const aheadOfEnlargements: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const norm of editor.nodes()) {
    if (norm.op !== 'batch-norm') continue;
    const [resized, ...vectors] = norm.inputs;
    const resize = editor.madeFor(resized, norm, 'resize2d');
    if (!resize) continue;
    const [x] = resize.inputs;
    if (sizeOf(editor.shape(x)) > sizeOf(editor.shape(resized))) continue;
    const normal = editor.addValue(`${norm.name}/small`, { shape: editor.shape(x), dtype: 'float32' });
    editor.replace(resize, { ...norm, inputs: [x, ...vectors], outputs: [normal] });
    editor.replace(norm, { ...resize, inputs: [normal], outputs: norm.outputs });
  }
  return editor.build();
};

const withNeighbours: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const norm of editor.nodes()) if (norm.op === 'batch-norm') merge(editor, norm);
  return editor.build();
};

function merge(editor: GraphEditor, norm: GraphNode<'batch-norm'>): void {
  const [x, ...vectors] = norm.inputs;
  const [y] = norm.outputs;
  const sum = editor.madeFor(x, norm, 'binary');
  const isSum =
    sum?.attributes.fn === 'add' && sum.inputs.every((term) => sameShape(editor.shape(term), editor.shape(x)));
  const reader = editor.soleConsumer(y);
  const prelu = reader?.op === 'binary' && reader.inputs[0] === y ? reader : undefined;
  const slopes = prelu && preluSlopes(editor, prelu);
  if (vectors.length > 4 || !(isSum || slopes)) return;
  const data = slopes ?? new Float32Array(editor.shape(x)[1]).fill(1);
  const [first, ...residual] = isSum ? sum.inputs : [x];
  if (isSum) editor.remove(sum);
  editor.replace(norm, {
    ...norm,
    inputs: [
      first,
      ...vectors,
      editor.addConstant(`${norm.name}/slopes`, Tensor.float32([data.length], data)),
      ...residual,
    ],
    outputs: slopes ? prelu.outputs : norm.outputs,
  });
  if (slopes) editor.remove(prelu);
}
