import { expect, test } from 'vitest';
import { listLayers, outputsOf, titleOf } from '../../demo/lid/layers';
import { shortcutAt } from '../../demo/lid/shortcut';
import { type JoinedNode, stagesAt } from '../../demo/lid/stages';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph, GraphNode } from '../../src/graph/graph';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import type { Shape } from '../../src/tensor';
import { Random } from '../support/random';

const PLAIN = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
const relu6 = { ...NO_ACTIVATION, fn: 'relu6' } as const;
const depthwise = { ...PLAIN, groups: 6, stride: [2, 1], padding: [1, 1, 1, 1], activation: relu6 } as const;
const added = { ...PLAIN, residual: 'before-activation' } as const;
const SEPARABLE: readonly Shape[] = [[6, 1, 3, 3], [6], [5, 6, 1, 1], [5]];

/** One joined layer of an image of 6 channels; its weights are inputs, so that all of them are drawn by chance. */
function joined(op: JoinedNode['op'], attributes: JoinedNode['attributes'], weights: readonly Shape[]): Graph {
  const net = new GraphBuilder('joined');
  const names = [[1, 6, 7, 5], ...weights].map((shape, i) => net.input(`x${i}`, shape));
  return net.build(net.add(op, names, attributes as never, 'y'));
}

const residual: Shape = [1, 3, 4, 5];
const slopes: Shape = [6];
test.each([
  ['separable-conv2d', { depthwise, pointwise: PLAIN }, SEPARABLE],
  ['separable-conv2d', { depthwise, pointwise: added }, [...SEPARABLE, residual]],
  [
    'separable-conv2d',
    { depthwise: { ...depthwise, activation: NO_ACTIVATION }, pointwise: PLAIN },
    [...SEPARABLE, slopes],
  ],
  [
    'separable-expand',
    { separable: { depthwise, pointwise: added }, expand: { ...PLAIN, activation: relu6 } },
    [...SEPARABLE, [8, 5, 1, 1], [8], residual],
  ],
] as const)(
  '%s is taken apart into its convolutions, whose last gives what the layer makes',
  (op, attributes, weights) => {
    const random = new Random(7);
    const graph = joined(op, attributes, weights);
    const inputs = graph.inputs.map((name) => random.tensor(graph.values.get(name)!.shape));
    const results = runReference(graph, Object.fromEntries(graph.inputs.map((name, i) => [name, inputs[i]])));
    const [node] = graph.nodes as readonly JoinedNode[];
    for (const output of graph.outputs) {
      const { shape, data } = results.get(output)!;
      const [, channels, height, width] = shape;
      for (const [i, value] of data.entries()) {
        const [channel, row, column] = [Math.floor(i / height / width), Math.floor(i / width) % height, i % width];
        const stages = stagesAt(node, inputs, output, { channel, row, column });
        expect(stages[0].at(channel).result).toBeCloseTo(Number(value), 5);
        // Each stage reads what the next one makes.
        for (const [k, stage] of stages.slice(1).entries()) {
          for (const terms of stages[k].at(k === 0 ? channel : 0).channels) {
            expect(terms.patch[0]).toBeCloseTo(stage.at(terms.channel).result, 5);
          }
        }
      }
      expect(channels).toBe(output === node.outputs[0] ? 5 : 8);
    }
  },
);

test('each output of a joined layer may be looked at, and the first has the name of the layer', async () => {
  const graph = joined('separable-expand', { separable: { depthwise, pointwise: PLAIN }, expand: PLAIN }, [
    ...SEPARABLE,
    [8, 5, 1, 1],
    [8],
  ]);
  const listing = await listLayers(undefined, graph, false);
  expect(listing.layers).toHaveLength(1);
  expect(outputsOf(listing).map(({ output, shape }) => [output, shape])).toEqual([
    [graph.outputs[0], [1, 5, 4, 5]],
    [graph.outputs[1], [1, 8, 4, 5]],
  ]);
  expect(outputsOf(listing).map(titleOf)).toEqual([graph.nodes[0].name, graph.outputs[1]]);
});

test('a convolution that adds a shortcut is taken apart with what the shortcut gives as its residual', () => {
  const net = new GraphBuilder('shortcut');
  const shapes: readonly Shape[] = [[1, 3, 3, 4], [5, 3, 3, 3], [5], [1, 2, 6, 8], [5, 2, 1, 1]];
  const names = shapes.map((shape, i) => net.input(`x${i}`, shape));
  const attributes = { pool: [2, 2], stride: [2, 2], activation: relu6 } as const;
  const graph = net.build(net.add('shortcut-conv2d', names, attributes, 'y'));
  const random = new Random(8);
  const inputs = shapes.map((shape) => random.tensor(shape));
  const [y] = runReference(graph, Object.fromEntries(names.map((name, i) => [name, inputs[i]]))).values();
  const [node] = graph.nodes as readonly GraphNode<'shortcut-conv2d'>[];
  for (const [i, value] of y.data.entries()) {
    const at = { channel: Math.floor(i / 12), row: Math.floor(i / 4) % 3, column: i % 4 };
    expect(shortcutAt(node, inputs, at).result).toBeCloseTo(Number(value), 5);
  }
});
