import { sizeOf } from '../tensor';
import type { Graph, GraphNode, ValueInfo } from './graph';

/** What one node costs, by its definition rather than by any kernel. */
export interface NodeStatistics {
  /** Numbers among the node's inputs that are part of the model: weights, biases, running statistics, tables. */
  readonly parameters: number;
  /** Arithmetic operations; a multiply-add counts two. */
  readonly flops: number;
  /** Numbers read and written when every input and output crosses memory once. */
  readonly elementsMoved: number;
}

export interface GraphStatistics {
  readonly nodes: ReadonlyMap<string, NodeStatistics>;
  /** A parameter that several nodes share counts once here. */
  readonly parameters: number;
  readonly flops: number;
}

/** Counts parameters and arithmetic, per node (by name) and in all. */
export function graphStatistics(graph: Graph): GraphStatistics {
  const size = (value: string): number => sizeOf(graph.values.get(value)!.shape);
  const total = (values: Iterable<string>): number => [...values].reduce((sum, value) => sum + size(value), 0);
  const constantsOf = (node: GraphNode): string[] => [...new Set(node.inputs)].filter((v) => graph.constants.has(v));
  const nodes = new Map(
    graph.nodes.map((node) => {
      const statistics = {
        parameters: total(constantsOf(node)),
        flops: flopsOf(
          node,
          node.inputs.map((value) => graph.values.get(value)!),
          node.outputs.map((value) => graph.values.get(value)!),
        ),
        elementsMoved: total([...new Set(node.inputs), ...node.outputs]),
      };
      return [node.name, statistics] as const;
    }),
  );
  return {
    nodes,
    parameters: total(new Set(graph.nodes.flatMap(constantsOf))),
    flops: [...nodes.values()].reduce((sum, { flops }) => sum + flops, 0),
  };
}

/**
 * Arithmetic operations of one node. A multiply-add counts two, any other function of one or two numbers one, moving
 * data none. Padding is counted as if it were multiplied, as is customary. What depends on the data
 * (non-maximum suppression) counts as none.
 */
export function flopsOf(node: GraphNode, inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]): number {
  const output = sizeOf(outputs[0].shape);
  const input = inputs.length > 0 ? sizeOf(inputs[0].shape) : 0;
  switch (node.op) {
    case 'conv2d': {
      const [, groupChannels, kernelHeight, kernelWidth] = inputs[1].shape;
      return output * (2 * groupChannels * kernelHeight * kernelWidth) + epilogueFlops(node, output);
    }
    case 'upsample-conv2d': {
      const [, channels, kernelHeight, kernelWidth] = inputs[1].shape;
      const doubled = 4 * input * (node.attributes.mode === 'linear' ? 2 * 4 : 0);
      const activation = Number(node.attributes.activation.fn !== 'identity');
      return output * (2 * channels * kernelHeight * kernelWidth + activation) + doubled;
    }
    case 'conv-transpose2d': {
      // Each input number meets every weight of its channel once.
      const [, groupChannels, kernelHeight, kernelWidth] = inputs[1].shape;
      return input * (2 * groupChannels * kernelHeight * kernelWidth) + epilogueFlops(node, output);
    }
    case 'dense':
      return output * (2 * inputs[1].shape[1]) + epilogueFlops(node, output);
    case 'matmul':
      return output * (2 * inputs[0].shape.at(-1)!);
    case 'max-pool2d':
    case 'average-pool2d':
      return output * node.attributes.kernel[0] * node.attributes.kernel[1];
    case 'global-pool2d':
    case 'reduce':
    case 'argmax':
      return input;
    case 'resize2d':
      // Taps times a multiply-add each: 2 × 2 of linear, 4 × 4 of cubic.
      return output * { nearest: 0, linear: 2 * 4, cubic: 2 * 16 }[node.attributes.mode];
    case 'unary':
      return node.attributes.fn === 'identity' ? 0 : output;
    case 'binary':
    case 'where':
      return output;
    case 'softmax':
      // Maximum, subtraction, exponential, sum, division (or logarithm's subtraction).
      return 5 * output;
    case 'batch-norm':
      return 2 * output;
    case 'instance-norm':
    case 'layer-norm':
      // Sum; subtract, square and sum; divide by the deviation; scale and shift.
      return 7 * output;
    case 'ssd-decode':
      // Per box: centre 2 × (two multiplications, one addition), size 2 × (two multiplications, one exponential),
      // corners 2 × (halve, subtract, add).
      return (output / 4) * 18;
    case 'concat':
    case 'split':
    case 'slice':
    case 'pad':
    case 'transpose':
    case 'reshape':
    case 'expand':
    case 'tile':
    case 'gather':
    case 'depth-to-space':
    case 'space-to-depth':
    case 'cast':
    case 'non-maximum-suppression':
      return 0;
  }
}

/** The bias starts the sum and is part of its multiply-adds; residual and activation are an operation each. */
function epilogueFlops(
  { attributes }: Extract<GraphNode, { op: 'conv2d' | 'conv-transpose2d' | 'dense' }>,
  output: number,
): number {
  return output * (Number(attributes.residual !== 'none') + Number(attributes.activation.fn !== 'identity'));
}
