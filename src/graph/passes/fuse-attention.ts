import { sameShape } from '../../tensor';
import type { GraphNode } from '../graph';
import { dropDead } from './drop-dead';
import { GraphEditor } from './editor';
import type { Pass, Target } from './pass';
import { withScalar } from './scalars';

/**
 * Fuses attention as exporters write it out, so that its scores need no memory:
 * `matmul(softmax(scale · matmul(q, transpose(k)) + mask), v)` becomes `attention(q, k, v, mask)`.
 *
 * The mask may be missing, and the scale may be missing, a divisor, or factors of `q` and `transpose(k)`.
 */
export const fuseAttention =
  ({ fusesAttention }: Target): Pass =>
  (graph) => {
    if (!fusesAttention) return graph;
    const editor = new GraphEditor(graph);
    for (const node of editor.nodes()) if (node.op === 'matmul' && editor.has(node)) fuse(editor, node);
    return dropDead(editor.build());
  };

function fuse(editor: GraphEditor, node: GraphNode<'matmul'>): void {
  const [weights, v] = node.inputs;
  const softmax = editor.madeFor(weights, node, 'softmax');
  if (!softmax || softmax.attributes.log || softmax.attributes.axis !== editor.shape(weights).length - 1) return;
  const scores = maskedScores(editor, softmax);
  if (!scores) return;
  const { product, mask } = scores;
  const q = scaled(editor, product.inputs[0]);
  const k = scaled(editor, product.inputs[1]);
  const scale = scores.scale * q.scale * k.scale;
  const inputs = [q.value, transposed(editor, k.value, product), v, ...(mask === undefined ? [] : [mask])];
  editor.replace(node, { name: node.name, op: 'attention', attributes: { scale }, inputs, outputs: node.outputs });
}

interface Scores {
  readonly product: GraphNode<'matmul'>;
  readonly scale: number;
  readonly mask?: string;
}

/** What softmax reads, if it is a product that may be scaled and then masked, and nothing else reads a part of it. */
function maskedScores(editor: GraphEditor, softmax: GraphNode<'softmax'>): Scores | undefined {
  const [input] = softmax.inputs;
  const plain = scaledScores(editor, input, softmax);
  const sum = editor.madeFor(input, softmax, 'binary');
  if (plain || sum?.attributes.fn !== 'add') return plain;
  for (const [value, mask] of [sum.inputs, sum.inputs.toReversed()]) {
    const scores = scaledScores(editor, value, sum);
    // A larger mask makes more scores than the product.
    if (scores && sameShape(editor.shape(value), editor.shape(input))) return { ...scores, mask };
  }
  return undefined;
}

function scaledScores(editor: GraphEditor, value: string, reader: GraphNode): Scores | undefined {
  const scaling = editor.madeFor(value, reader, 'binary');
  const { value: x, scale } = scaling ? scaled(editor, value) : { value, scale: 1 };
  const product = editor.madeFor(x, scaling ?? reader, 'matmul');
  return product && { product, scale };
}

/** A value as another one times a number. */
function scaled(editor: GraphEditor, value: string): { readonly value: string; readonly scale: number } {
  const node = editor.producer(value);
  const product = withScalar(editor, node, 'mul');
  const quotient = withScalar(editor, node, 'div');
  const [x, scale] = product ?? (quotient ? [quotient[0], 1 / quotient[1]] : [value, 1]);
  // A number of more axes would change the shape.
  return sameShape(editor.shape(x), editor.shape(value)) ? { value: x, scale } : { value, scale: 1 };
}

/** The matrices `value` with rows and columns exchanged; where `value` is transposed already, by one transpose in all. */
function transposed(editor: GraphEditor, value: string, reader: GraphNode): string {
  const node = editor.producer(value);
  const own = editor.shape(value);
  const shape = [...own.slice(0, -2), ...own.slice(-2).toReversed()];
  const add = (made: Pick<GraphNode<'transpose' | 'reshape'>, 'op' | 'attributes' | 'inputs'>): string => {
    const output = editor.addValue(`${reader.outputs[0]}.keys`, { shape, dtype: 'float32' });
    editor.insertAfter(reader, { ...made, name: `${reader.name}.keys`, outputs: [output] } as GraphNode);
    return output;
  };
  // The exporter of PyTorch 2 transposes a batch of matrices, and only then gives it the axes that it has.
  const turned = node?.op === 'reshape' ? editor.producer(node.inputs[0]) : undefined;
  if (turned && isSwap(turned) && sameShape(editor.shape(turned.outputs[0]).slice(-2), own.slice(-2))) {
    return add({ op: 'reshape', attributes: { shape }, inputs: turned.inputs });
  }
  const order = node?.op === 'transpose' ? node.attributes.permutation : own.map((_, axis) => axis);
  const source = node?.op === 'transpose' ? node.inputs[0] : value;
  const permutation = [...order.slice(0, -2), ...order.slice(-2).toReversed()];
  if (permutation.every((from, to) => from === to)) return source;
  return add({ op: 'transpose', attributes: { permutation }, inputs: [source] });
}

/** Whether a node exchanges the last two axes and no others. */
function isSwap(node: GraphNode): boolean {
  if (node.op !== 'transpose') return false;
  const { permutation } = node.attributes;
  const last = permutation.length - 1;
  return permutation.every((from, to) => from === (to === last ? last - 1 : to === last - 1 ? last : to));
}
