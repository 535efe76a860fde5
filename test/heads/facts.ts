import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import type { HeadOptions, NetworkFacts } from '../../src/heads/head';
import { findHead } from '../../src/heads/heads';
import { NetworkTail } from '../../src/heads/network-tail';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import type { Pair } from '../../src/operators/window';
import { runReference } from '../../src/reference';
import type { Shape, Tensor } from '../../src/tensor';
import { Tensor as T } from '../../src/tensor';

/** A network that gives what it is given: its outputs are inputs, so that a test says what they hold. */
export interface Outputs {
  readonly shapes: Readonly<Record<string, Shape>>;
  /** The last operator of each, by which heads tell what it holds; none leaves it open. */
  readonly last?: Readonly<Record<string, 'conv2d' | 'sigmoid' | 'softmax' | 'exp'>>;
}

/** Of an output `y` the value that a test gives. */
export const given = (output: string): string => `${output} given`;

export function networkOf({ shapes, last = {} }: Outputs, size: number | Pair = 64): Graph {
  const b = new GraphBuilder('made up');
  b.input('picture', [1, 3, ...(typeof size === 'number' ? [size, size] : size)]);
  for (const [name, shape] of Object.entries(shapes)) {
    const x = b.input(given(name), shape);
    if (last[name] === 'conv2d') convolved(b, x, shape, name);
    else if (last[name] === 'softmax') b.add('softmax', [x], { axis: shape.length - 1, log: false }, name);
    else b.add('unary', [x], { fn: last[name] ?? 'identity', alpha: 0, beta: 0 }, name);
  }
  return b.build(Object.keys(shapes));
}

/** The same numbers by a convolution with a weight of 1. */
function convolved(b: GraphBuilder, x: string, shape: Shape, name: string): void {
  const count = shape.reduce((all, d) => all * d, 1);
  const [flat] = b.add('reshape', [x], { shape: [1, 1, count, 1] });
  const weights = [b.constant('w', T.float32([1, 1, 1, 1], [1])), b.constant('b', T.float32([1]))];
  const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const [y] = b.add('conv2d', [flat, ...weights], { ...NO_EPILOGUE, ...window });
  b.add('reshape', [y], { shape }, name);
}

export function factsOf(graph: Graph, more: Partial<NetworkFacts> = {}): NetworkFacts {
  return {
    graph,
    outputs: graph.outputs.map((name) => ({ name, ...graph.values.get(name)! })),
    size: graph.values.get('picture')!.shape.slice(2) as [number, number],
    channelsLast: false,
    metadata: new Map(),
    config: {},
    labels: undefined,
    options: {},
    ...more,
  };
}

/** Names for so many classes. */
export const names = (count: number): string[] => Array.from({ length: count }, (_, k) => `thing ${k}`);

/** The graph with the decoding of the head that recognises it. @returns it beside the head's name */
export function withHead(task: string, outputs: Outputs, more: Partial<NetworkFacts> = {}, size: number | Pair = 64) {
  const graph = networkOf(outputs, size);
  const found = findHead(factsOf(graph, more), task, 'net.onnx');
  const tail = new NetworkTail(graph);
  const decoded = tail.build(found.reading.append(tail));
  return { ...found, name: found.head.name, graph: decoded };
}

export type Given = Readonly<Record<string, Tensor>>;

/** The inputs of such a network: whatever the picture is. */
export const inputsOf = (graph: Graph, values: Given): Record<string, Tensor> => ({
  picture: T.zeros('float32', graph.values.get('picture')!.shape),
  ...Object.fromEntries(Object.entries(values).map(([name, tensor]) => [given(name), tensor])),
});

/** What the plain references make of it. */
export const byReference = (graph: Graph, values: Given): ReadonlyMap<string, Tensor> =>
  runReference(graph, inputsOf(graph, values));

/** Rows of detections, the best first, without those that no run filled. */
export function rowsOf({ data }: Tensor, width = 6): number[][] {
  const rows = Array.from({ length: data.length / width }, (_, k) =>
    Array.from(data.slice(k * width, (k + 1) * width), Number),
  );
  return rows.filter((row) => row[4] >= 0.05).sort((a, b) => b[4] - a[4]);
}

export const option = (options: HeadOptions): Pick<NetworkFacts, 'options'> => ({ options });
