import { type Shape, sameShape, Tensor } from '../../tensor';
import type { GraphNode } from '../graph';
import { GraphEditor } from './editor';
import type { Pass } from './pass';

/**
 * Moves transposes behind the element-wise operators, concatenations and paddings that read them, and joins transposes
 * that meet, so that inverse pairs vanish. Exports of channels-last networks wrap convolutions in such pairs.
 */
export const sinkTransposes: Pass = (graph) => {
  if (!graph.nodes.some(({ op }) => op === 'transpose')) return graph;
  const editor = new GraphEditor(graph);
  for (const [output] of editor.nodes().map((node) => node.outputs)) {
    // Looked up again: sinking another transpose may have replaced the node.
    const node = editor.producer(output);
    if (node?.op === 'transpose') joinWithProducer(editor, node);
    else if (node) sinkThrough(editor, node);
  }
  return editor.build();
};

type Transpose = GraphNode<'transpose'>;

/** Joins two transposes in a row, and drops one that changes nothing. */
function joinWithProducer(editor: GraphEditor, node: Transpose): void {
  const first = editor.producer(node.inputs[0]);
  const joined = first?.op === 'transpose' ? join(editor, first, node) : node;
  const [input, output] = [joined.inputs[0], joined.outputs[0]];
  if (!joined.attributes.permutation.every((axis, i) => axis === i) || editor.isKept(output)) return;
  editor.redirect(output, input);
  editor.remove(joined);
}

function join(editor: GraphEditor, first: Transpose, second: Transpose): Transpose {
  const permutation = second.attributes.permutation.map((axis) => first.attributes.permutation[axis]);
  const joined = { ...second, attributes: { permutation }, inputs: first.inputs };
  editor.replace(second, joined);
  const [between] = first.outputs;
  if (editor.consumers(between).length === 0 && !editor.isKept(between)) editor.remove(first);
  return joined;
}

/** `op(transpose(x), …)` becomes `transpose(op(x, …))` where every operand is such a transpose or a constant. */
function sinkThrough(editor: GraphEditor, node: GraphNode): void {
  if (node.outputs.length !== 1) return;
  const transposes = node.inputs
    .map((input) => editor.producer(input))
    .filter((producer): producer is Transpose => producer?.op === 'transpose');
  const [first] = transposes;
  if (!first) return;
  const { permutation } = first.attributes;
  const moved = movedAbove(node, permutation);
  const alike = transposes.every(
    (t) => sameShape(t.attributes.permutation, permutation) && editor.consumers(t.outputs[0]).every((c) => c === node),
  );
  if (!moved || !alike || transposes.some((t) => editor.isKept(t.outputs[0]))) return;
  const operands = node.inputs.map((input) => operandAbove(editor, input, permutation));
  if (!operands.every((operand) => operand !== undefined)) return;

  const [output] = node.outputs;
  const shape = editor.shape(output);
  const inverse = shape.map((_, axis) => permutation.indexOf(axis));
  const inner = editor.addValue(output, { shape: inverse.map((axis) => shape[axis]), dtype: editor.dtype(output) });
  const last = transposes.reduce((a, b) => (editor.isBefore(a, b) ? b : a));
  for (const t of new Set(transposes)) if (t !== last) editor.remove(t);
  editor.replace(last, { ...node, attributes: moved, inputs: operands, outputs: [inner] } as GraphNode);
  editor.replace(node, { ...last, inputs: [inner], outputs: [output] });
}

/** The attributes that a node needs before `permutation` instead of after it; undefined if it cannot move. */
function movedAbove(node: GraphNode, permutation: readonly number[]): GraphNode['attributes'] | undefined {
  switch (node.op) {
    case 'unary':
    case 'binary':
    case 'cast':
      return node.attributes;
    case 'concat':
    case 'softmax':
      return { ...node.attributes, axis: permutation[node.attributes.axis] };
    case 'pad': {
      const above = (list: readonly number[]): number[] => list.map((_, axis) => list[permutation.indexOf(axis)]);
      return { ...node.attributes, before: above(node.attributes.before), after: above(node.attributes.after) };
    }
    default:
      return undefined;
  }
}

/** The operand of a moved node: the transpose's input, or a constant with its axes permuted back. */
function operandAbove(editor: GraphEditor, input: string, permutation: readonly number[]): string | undefined {
  const producer = editor.producer(input);
  if (producer?.op === 'transpose') return producer.inputs[0];
  const tensor = editor.constant(input);
  if (!tensor || tensor.shape.length > permutation.length) return undefined;
  if (tensor.size === 1) return input;
  const rank = permutation.length;
  const shape = [...Array<number>(rank - tensor.shape.length).fill(1), ...tensor.shape];
  // Only constants with one long axis, like biases and scales: their data need no reordering.
  if (shape.filter((d) => d !== 1).length > 1) return undefined;
  const above: Shape = shape.map((_, axis) => shape[permutation.indexOf(axis)]);
  return editor.addConstant(input, new Tensor(tensor.dtype, above, tensor.data));
}
