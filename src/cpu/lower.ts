import type { Graph, GraphNode } from '../graph/graph';
import type { ValueInfo } from '../tensor';

/** Takes apart what passes join for GPUs alone: the convolution of a doubled picture becomes three nodes again. */
export function lower(graph: Graph): Graph {
  if (!graph.nodes.some(({ op }) => op === 'upsample-conv2d')) return graph;
  const values = new Map(graph.values);
  const nodes = graph.nodes.flatMap((node) => (node.op === 'upsample-conv2d' ? parts(node, values) : [node]));
  return { ...graph, nodes, values };
}

function parts(node: GraphNode<'upsample-conv2d'>, values: Map<string, ValueInfo>): GraphNode[] {
  const { name, inputs, outputs, attributes } = node;
  const [low, weight, bias, ...skip] = inputs;
  const [batch, , height, width] = values.get(outputs[0])!.shape;
  const [, channels, ...kernel] = values.get(weight)!.shape;
  const [doubled, joined] = [`${name}\ndoubled`, `${name}\njoined`];
  const add = (value: string, depth: number): void => {
    values.set(value, { dtype: 'float32', shape: [batch, depth, height, width] });
  };
  add(doubled, values.get(low)!.shape[1]);
  add(joined, channels);
  const [top, left] = kernel.map((taps) => (taps - 1) / 2);
  const resize: GraphNode<'resize2d'> = {
    name: doubled,
    op: 'resize2d',
    attributes: {
      mode: attributes.mode,
      coordinates: 'half-pixel',
      rounding: 'round-prefer-floor',
      size: [height, width],
      scale: [2, 2],
      cubicA: 0,
    },
    inputs: [low],
    outputs: [doubled],
  };
  const concat: GraphNode<'concat'> = {
    name: joined,
    op: 'concat',
    attributes: { axis: 1 },
    inputs: [doubled, ...skip],
    outputs: [joined],
  };
  const conv: GraphNode<'conv2d'> = {
    name,
    op: 'conv2d',
    attributes: {
      activation: attributes.activation,
      residual: 'none',
      stride: [1, 1],
      dilation: [1, 1],
      padding: [top, left, top, left],
      groups: 1,
    },
    inputs: [joined, weight, bias],
    outputs,
  };
  return [resize, concat, conv];
}
