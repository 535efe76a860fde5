import { sameShape } from '../../tensor';
import type { GraphNode } from '../graph';
import { dropDead } from './drop-dead';
import { GraphEditor } from './editor';
import type { Pass } from './pass';
import { withScalar } from './scalars';

/**
 * Recognises layer normalisation as exporters wrote it out before ONNX had it:
 * `(x - mean) / sqrt(variance + ε) · scale + bias`, with mean and variance over the last axes.
 */
export const fuseLayerNorm: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) if (node.op === 'binary' && editor.has(node)) fuse(editor, node);
  const fused = editor.build();
  return fused === graph ? graph : dropDead(fused);
};

function fuse(editor: GraphEditor, node: GraphNode): void {
  const sum = withConstant(editor, node, 'add');
  const product = sum && withConstant(editor, editor.producer(sum.x), 'mul');
  const normalised = product && normalisedOf(editor, product.x);
  if (!normalised) return;
  const { x, axis, epsilon } = normalised;
  const vectors = [product.constant, sum.constant];
  // Those with axes of extent 1 in front would be vectors, too, but exporters do not write them.
  if (!vectors.every((vector) => sameShape(editor.shape(vector), editor.shape(x).slice(axis)))) return;
  const inputs = [x, ...vectors];
  editor.replace(node, {
    name: node.name,
    op: 'layer-norm',
    attributes: { axis, epsilon },
    inputs,
    outputs: node.outputs,
  });
}

/** x and a constant, if the node is `x fn constant`. */
function withConstant(
  editor: GraphEditor,
  node: GraphNode | undefined,
  fn: 'add' | 'mul',
): { readonly x: string; readonly constant: string } | undefined {
  if (node?.op !== 'binary' || node.attributes.fn !== fn) return undefined;
  const [a, b] = node.inputs;
  if (editor.constant(b)) return { x: a, constant: b };
  return editor.constant(a) ? { x: b, constant: a } : undefined;
}

/** `(x - mean(x)) / sqrt(mean((x - mean(x))²) + ε)` */
function normalisedOf(editor: GraphEditor, value: string) {
  const quotient = editor.producer(value);
  if (quotient?.op !== 'binary' || quotient.attributes.fn !== 'div') return undefined;
  const [centred, deviation] = quotient.inputs;
  const root = editor.producer(deviation);
  if (root?.op !== 'unary' || root.attributes.fn !== 'sqrt') return undefined;
  const shifted = withScalar(editor, editor.producer(root.inputs[0]), 'add');
  const variance = shifted && meanOf(editor, shifted[0]);
  const square = variance && editor.producer(variance.x);
  const difference = editor.producer(centred);
  if (!square || difference?.op !== 'binary' || difference.attributes.fn !== 'sub') return undefined;
  const [x, centre] = difference.inputs;
  const mean = meanOf(editor, centre);
  if (mean?.x !== x || mean.axis !== variance.axis || squared(editor, square) !== centred) return undefined;
  return { x, axis: mean.axis, epsilon: shifted[1] };
}

/** The mean over the axes from `axis` on, which are kept with extent 1. */
function meanOf(editor: GraphEditor, value: string): { readonly x: string; readonly axis: number } | undefined {
  const node = editor.producer(value);
  if (node?.op !== 'reduce' || node.attributes.fn !== 'mean' || !node.attributes.keepDims) return undefined;
  const [x] = node.inputs;
  const axes = node.attributes.axes.toSorted((a, b) => a - b);
  const axis = editor.shape(x).length - axes.length;
  return axes.every((a, i) => a === axis + i) ? { x, axis } : undefined;
}

/** The x of `x²`, as a power or a product. */
function squared(editor: GraphEditor, node: GraphNode): string | undefined {
  const power = withScalar(editor, node, 'pow');
  if (power) return power[1] === 2 ? power[0] : undefined;
  const [a, b] = node.inputs;
  return node.op === 'binary' && node.attributes.fn === 'mul' && a === b ? a : undefined;
}
