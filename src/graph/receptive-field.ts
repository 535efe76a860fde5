import { recordOf } from '../operators';
import type { Shape } from '../tensor';
import type { Graph, GraphNode } from './graph';

/** Rows and columns of a value, both ends included. They may reach beyond the value, into padding. */
export interface Field {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * Which pixels of the graph's inputs an element depends on: its receptive field, traced backwards through every path
 * (Araujo, Norris, Sim 2019, "Computing receptive fields of convolutional neural networks", section 2). Operators that
 * mix whole images, such as global pooling, see the whole image.
 *
 * @param value an image `[N, C, H, W]`, or anything else, which then sees what its makers see in whole
 * @returns by input; an input that the element does not depend on is left out
 */
export function receptiveField(graph: Graph, value: string, row = 0, column = 0): Map<string, Field> {
  const fields = new Map<string, Field>();
  const grow = (name: string, field: Field): void => {
    const known = fields.get(name);
    fields.set(name, known ? union(known, field) : field);
  };
  const { shape } = graph.values.get(value)!;
  grow(value, shape.length === 4 ? { top: row, left: column, bottom: row, right: column } : whole(graph, value));
  for (const node of graph.nodes.toReversed()) {
    for (const output of node.outputs) {
      const field = fields.get(output);
      if (!field) continue;
      for (const [i, input] of node.inputs.entries()) {
        if (!graph.constants.has(input)) grow(input, seen(graph, node, i, field));
      }
    }
  }
  return new Map(graph.inputs.flatMap((input) => (fields.has(input) ? [[input, fields.get(input)!] as const] : [])));
}

function whole(graph: Graph, value: string): Field {
  const { shape } = graph.values.get(value)!;
  const [height, width] = shape.length === 4 ? [shape[2], shape[3]] : [1, 1];
  return { top: 0, left: 0, bottom: height - 1, right: width - 1 };
}

const union = (a: Field, b: Field): Field => ({
  top: Math.min(a.top, b.top),
  left: Math.min(a.left, b.left),
  bottom: Math.max(a.bottom, b.bottom),
  right: Math.max(a.right, b.right),
});

/** The field of input `index` that a field of the node's output sees. */
function seen(graph: Graph, node: GraphNode, index: number, { top, left, bottom, right }: Field): Field {
  const shapeOf = (value: string): Shape => graph.values.get(value)!.shape;
  const inputs = node.inputs.map(shapeOf);
  const sight = recordOf(node.op).receptiveField?.(node.attributes, inputs, shapeOf(node.outputs[0]), index);
  if (!sight) return whole(graph, node.inputs[index]);
  const rows = sight([top, bottom], 0);
  const columns = sight([left, right], 1);
  return { top: rows[0], left: columns[0], bottom: rows[1], right: columns[1] };
}
