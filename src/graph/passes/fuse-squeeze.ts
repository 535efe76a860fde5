import { sameShape, sizeOf } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass, Target } from './pass';
import { isPointwise } from './windows';

/**
 * Merges a global mean and the one or two 1×1 convolutions that read it into one node, where that pays: the gate of a
 * squeeze-and-excitation block. A sum that only the mean reads goes along.
 */
export function fuseSqueeze(target: Target): Pass {
  return (graph) => {
    if (target.software) return graph;
    const editor = new GraphEditor(graph);
    for (const node of editor.nodes()) {
      if (node.op === 'global-pool2d' && node.attributes.fn === 'mean') fuse(editor, node);
    }
    return editor.build();
  };
}

/** Numbers of weights that one workgroup reads faster than another launch begins. */
const MOST_WEIGHTS = 2 ** 15;
/** Channels that its memory holds. */
const MOST_CHANNELS = 2048;

function fuse(editor: GraphEditor, pool: GraphNode<'global-pool2d'>): void {
  const [x] = pool.inputs;
  const first = product(editor, pool.outputs[0]);
  if (!first) return;
  const second = product(editor, first.outputs[0]);
  const products = second ? [first, second] : [first];
  const weights = products.reduce((sum, { inputs }) => sum + sizeOf(editor.shape(inputs[1])), 0);
  if (weights > MOST_WEIGHTS || editor.shape(x)[1] > MOST_CHANNELS) return;
  const sum = second && editor.madeFor(x, pool, 'binary');
  const isSum =
    sum?.attributes.fn === 'add' && sum.inputs.every((term) => sameShape(editor.shape(term), editor.shape(x)));
  const [from, ...addend] = isSum ? sum.inputs : [x];
  if (isSum) editor.remove(sum);
  editor.remove(pool);
  if (second) editor.remove(first);
  const last = products.at(-1)!;
  editor.replace(last, {
    name: last.name,
    op: 'squeeze-excite',
    attributes: { activations: products.map(({ attributes }) => attributes.activation) },
    inputs: [from, ...products.flatMap(({ inputs }) => inputs.slice(1)), ...addend],
    outputs: last.outputs,
  });
}

/** The 1×1 convolution with known weights that alone reads a value, and adds no residual. */
function product(editor: GraphEditor, x: string): GraphNode<'conv2d'> | undefined {
  const node = editor.soleConsumer(x);
  if (node?.op !== 'conv2d' || node.inputs.length > 3 || node.inputs[0] !== x) return undefined;
  const isKnown = node.inputs.slice(1).every((input) => editor.constant(input));
  return isKnown && isPointwise(node, editor.shape(node.inputs[1])) ? node : undefined;
}
