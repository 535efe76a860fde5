import { type Shape, sameShape, sizeOf, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass } from './pass';

/**
 * Removes channel shuffles: a reshape, a transpose and a reshape that reorder the channels of an image. The weights of the
 * nodes behind them take the new order instead, up to the convolutions that sum over all channels. A shuffle stays where
 * something else reads the shuffled channels.
 */
export const sinkShuffles: Pass = (graph) => {
  const editor = new GraphEditor(graph);
  for (const node of editor.nodes()) if (node.op === 'transpose') sink(editor, node);
  return editor.build();
};

/** `order[c]`: the place, before the shuffle, of the channel that it puts at c. */
type Order = readonly number[];

function sink(editor: GraphEditor, transpose: GraphNode<'transpose'>): void {
  const before = editor.madeFor(transpose.inputs[0], transpose, 'reshape');
  const after = editor.soleConsumer(transpose.outputs[0]);
  if (!before || after?.op !== 'reshape') return;
  const [image] = before.inputs;
  const [shuffled] = after.outputs;
  if (!sameShape(editor.shape(image), editor.shape(shuffled))) return;
  const order = orderOf(editor.shape(image), editor.shape(before.outputs[0]), transpose.attributes.permutation);
  const rewritten = order && reorderReaders(editor, shuffled, order);
  if (!rewritten) return;
  for (const [node, replacement] of rewritten) editor.replace(node, replacement());
  editor.redirect(shuffled, image);
  for (const node of [after, transpose, before]) editor.remove(node);
}

/** The order that a transpose of `[N, …factors of C, H, W]` gives the channels; undefined if it moves anything else. */
function orderOf(image: Shape, split: Shape, permutation: readonly number[]): Order | undefined {
  if (image.length !== 4 || split.length < 4) return undefined;
  const last = split.length - 2;
  const factors = split.slice(1, last);
  const rest = [0, last, last + 1];
  const isSplit =
    sizeOf(factors) === image[1] && sameShape([split[0], ...split.slice(last)], [image[0], ...image.slice(2)]);
  if (!isSplit || !rest.every((axis) => permutation[axis] === axis)) return undefined;
  const steps = factors.map((_, i) => sizeOf(factors.slice(i + 1)));
  let order = [0];
  for (const axis of permutation.slice(1, last)) {
    const places = Array.from({ length: factors[axis - 1] }, (_, i) => i * steps[axis - 1]);
    order = order.flatMap((start) => places.map((place) => start + place));
  }
  return order;
}

type Rewritten = [node: GraphNode, replacement: () => GraphNode][];

/**
 * The nodes that must change so that `value` may keep its channels in the order before the shuffle; undefined if a reader
 * cannot.
 */
function reorderReaders(editor: GraphEditor, value: string, order: Order): Rewritten | undefined {
  if (editor.isKept(value)) return undefined;
  const rewritten: Rewritten = [];
  for (const node of editor.consumers(value)) {
    const replacement = reordered(editor, node, value, order);
    if (!replacement) return undefined;
    rewritten.push([node, replacement]);
    if (node.op === 'conv2d' && node.attributes.groups === 1) continue;
    const behind = reorderReaders(editor, node.outputs[0], order);
    if (!behind) return undefined;
    rewritten.push(...behind);
  }
  return rewritten;
}

/** A node that takes the channels of `value` in the order before the shuffle; undefined if there is none. */
function reordered(editor: GraphEditor, node: GraphNode, value: string, order: Order): (() => GraphNode) | undefined {
  const [first, ...others] = node.inputs;
  switch (node.op) {
    case 'unary':
    case 'average-pool2d':
    case 'max-pool2d':
      return () => node;
    case 'binary': {
      const place = first === value ? 1 : 0;
      const constant = reorderedConstant(editor, node.inputs[place], order, -3);
      return constant && (() => ({ ...node, inputs: node.inputs.with(place, constant()) }));
    }
    case 'conv2d': {
      const [weight, bias, ...residual] = others;
      const { groups } = node.attributes;
      if (first !== value || residual.includes(value)) return undefined;
      if (groups === 1) {
        const weights = reorderedConstant(editor, weight, order, 1);
        return weights && (() => ({ ...node, inputs: [first, weights(), bias, ...residual] }));
      }
      const isDepthwise = groups === order.length && editor.shape(weight)[0] === groups;
      if (!isDepthwise || residual.length > 0) return undefined;
      const [weights, biases] = [weight, bias].map((name) => reorderedConstant(editor, name, order, 0));
      return weights && biases && (() => ({ ...node, inputs: [first, weights(), biases()] }));
    }
    default:
      return undefined;
  }
}

/**
 * Adds a constant for channels in the order before the shuffle, and gives its name; undefined for a value that only a run
 * tells. Constants that are the same for all channels stay.
 *
 * @param axis of the channels, from the last if it is negative
 */
function reorderedConstant(editor: GraphEditor, name: string, order: Order, axis: number): (() => string) | undefined {
  const tensor = editor.constant(name);
  if (tensor?.dtype !== 'float32') return undefined;
  const { shape, data, size } = tensor;
  const at = axis < 0 ? shape.length + axis : axis;
  if (at < 0 || shape[at] === 1) return () => name;
  const length = sizeOf(shape.slice(at + 1));
  return () => {
    const reordered = new Float32Array(size);
    for (let from = 0; from < size; from += length) {
      const channel = (from / length) % order.length;
      const to = from + (order[channel] - channel) * length;
      reordered.set((data as Float32Array).subarray(from, from + length), to);
    }
    return editor.addConstant(name, Tensor.float32(shape, reordered));
  };
}
