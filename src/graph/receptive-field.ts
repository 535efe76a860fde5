import type { Graph, GraphNode } from './graph';

/** Rows and columns of a value, both ends included; may reach beyond the value, into padding. */
export interface Field {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

type Range = readonly [first: number, last: number];

/**
 * Which pixels of the graph's inputs an element depends on: its receptive field, traced backwards through every path
 * (Araujo, Norris, Sim 2019, "Computing receptive fields of convolutional neural networks", section 2). Operators that
 * mix whole images, such as global pooling, see everything.
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
      for (const input of node.inputs) if (!graph.constants.has(input)) grow(input, seen(graph, node, input, field));
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

/** What a field of a node's output sees of one of its inputs. */
function seen(graph: Graph, node: GraphNode, input: string, field: Field): Field {
  const { shape } = graph.values.get(input)!;
  const outShape = graph.values.get(node.outputs[0])!.shape;
  const along = (range: (first: number, last: number, axis: 0 | 1) => Range): Field => {
    const [top, bottom] = range(field.top, field.bottom, 0);
    const [left, right] = range(field.left, field.right, 1);
    return { top, left, bottom, right };
  };
  switch (node.op) {
    case 'conv2d': {
      // The residual is added where it stands, or at a whole fraction of it; only x is seen through the window.
      if (input !== node.inputs[0]) {
        const cell = (at: number, axis: 0 | 1): number => Math.floor((at * shape[2 + axis]) / outShape[2 + axis]);
        return along((first, last, axis) => [cell(first, axis), cell(last, axis)]);
      }
      const { stride, dilation, padding } = node.attributes;
      const kernel = graph.values.get(node.inputs[1])!.shape.slice(2);
      return along((first, last, axis) =>
        windowed(first, last, kernel[axis], stride[axis], dilation[axis], padding[axis]),
      );
    }
    case 'upsample-conv2d': {
      const kernel = graph.values.get(node.inputs[1])!.shape.slice(2);
      const large = along((first, last, axis) => windowed(first, last, kernel[axis], 1, 1, (kernel[axis] - 1) / 2));
      if (input !== node.inputs[0]) return large;
      const reach = node.attributes.mode === 'linear' ? 1 : 0;
      const [top, bottom] = resized(large.top, large.bottom, 2, reach, shape[2]);
      const [left, right] = resized(large.left, large.right, 2, reach, shape[3]);
      return { top, left, bottom, right };
    }
    case 'max-pool2d':
    case 'average-pool2d': {
      const { kernel, stride, dilation, padding } = node.attributes;
      return along((first, last, axis) =>
        windowed(first, last, kernel[axis], stride[axis], dilation[axis], padding[axis]),
      );
    }
    case 'resize2d': {
      const { scale, mode } = node.attributes;
      const reach = { nearest: 0, linear: 1, cubic: 2 }[mode];
      return along((first, last, axis) => resized(first, last, scale[axis], reach, shape[2 + axis]));
    }
    case 'concat':
      return node.attributes.axis === 1 && shape.length === 4 ? field : whole(graph, input);
    case 'unary':
    case 'binary':
    case 'where':
    case 'batch-norm':
    case 'cast':
      // A broadcast input is seen in whole by every pixel.
      return shape.length === 4 && shape[2] === outShape[2] && shape[3] === outShape[3] ? field : whole(graph, input);
    default:
      return whole(graph, input);
  }
}

function windowed(
  first: number,
  last: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
): Range {
  return [first * stride - padding, last * stride - padding + dilation * (kernel - 1)];
}

/** Half-pixel centres; other conventions differ by less than a pixel. */
function resized(first: number, last: number, scale: number, reach: number, size: number): Range {
  const centre = (at: number): number => (at + 0.5) / scale - 0.5;
  const inside = (at: number): number => Math.min(Math.max(at, 0), size - 1);
  if (reach === 0) return [inside(Math.round(centre(first))), inside(Math.round(centre(last)))];
  return [inside(Math.floor(centre(first)) - reach + 1), inside(Math.floor(centre(last)) + reach)];
}
