import { expect, test } from 'vitest';
import { decodeAt } from '../../demo/lid/small/decode';
import { poolingAt } from '../../demo/lid/small/pooling';
import { resizeAt } from '../../demo/lid/small/resize';
import { softmaxAt } from '../../demo/lid/small/softmax';
import { bestClass, suppressionSteps } from '../../demo/lid/small/suppression';
import { GraphBuilder } from '../../src/graph/builder';
import type { GraphNode } from '../../src/graph/graph';
import type { Operator, OperatorAttributes } from '../../src/operators';
import { ReferenceRunner } from '../../src/reference/runner';
import { Tensor } from '../../src/tensor';

/** Numbers in -1..1, each time the same. */
const noise = (shape: readonly number[], factor = 12.9898): Tensor =>
  Tensor.float32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(factor * (i + 1)) * 0.999),
  );

/** One node over these inputs, and all of its outputs by the reference. */
async function one<O extends Operator>(
  op: O,
  inputs: readonly Tensor[],
  attributes: OperatorAttributes[O],
): Promise<{ node: GraphNode<O>; outputs: readonly Tensor[] }> {
  const net = new GraphBuilder(op);
  const names = inputs.map(({ shape, dtype }, i) => net.input(`x${i}`, shape, dtype));
  const graph = net.build(net.add(op, names, attributes, 'y'));
  const model = await new ReferenceRunner().load(graph);
  const result = await model.run(Object.fromEntries(inputs.map((input, i) => [`x${i}`, input])));
  return { node: graph.nodes[0] as GraphNode<O>, outputs: graph.outputs.map((name) => result[name]) };
}

/** Every element of an image, with its place. */
function* places({ shape: [, channels, height, width], data }: Tensor) {
  for (let index = 0; index < data.length; index++) {
    const [row, column] = [Math.floor(index / width) % height, index % width];
    yield { at: { channel: Math.floor(index / (width * height)) % channels, row, column }, value: Number(data[index]) };
  }
}

const window = { kernel: [3, 2], stride: [2, 1], dilation: [1, 2], padding: [1, 1, 0, 1], ceilMode: false } as const;

test('pooling taken apart gives what the operator defines, padding aside', async () => {
  const x = noise([1, 2, 5, 6]);
  for (const { node, outputs } of [
    await one('max-pool2d', [x], window),
    await one('average-pool2d', [x], { ...window, countIncludePad: false }),
    await one('average-pool2d', [x], { ...window, countIncludePad: true }),
    await one('global-pool2d', [x], { fn: 'mean' }),
    await one('global-pool2d', [x], { fn: 'max' }),
  ]) {
    for (const { at, value } of places(outputs[0])) expect(poolingAt(node, x, at).result).toBeCloseTo(value, 6);
  }
});

test('a resize taken apart gives what the operator defines, with weights that add up to 1', async () => {
  const x = noise([1, 2, 3, 4]);
  for (const mode of ['nearest', 'linear', 'cubic'] as const) {
    const way = { mode, coordinates: 'half-pixel', rounding: 'floor', cubicA: -0.75 } as const;
    const { node, outputs } = await one('resize2d', [x], { ...way, size: [6, 10], scale: [2, 2.5] });
    for (const { at, value } of places(outputs[0])) {
      const steps = resizeAt(node, x, at);
      expect(steps.result).toBeCloseTo(value, 5);
      expect(steps.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    }
  }
});

test('a softmax taken apart gives what the operator defines, along any axis', async () => {
  const x = noise([2, 3, 4]);
  for (const axis of [0, 1, 2]) {
    const { node, outputs } = await one('softmax', [x], { axis, log: false });
    for (const [at, value] of outputs[0].data.entries()) {
      const { entries, chosen } = softmaxAt(node, x, at);
      expect(entries[chosen].probability).toBeCloseTo(Number(value), 6);
    }
  }
});

test('a box taken apart gives what the operator defines', async () => {
  const offsets = noise([1, 6, 4]);
  const defaults = Tensor.float32([6, 4], noise([6, 4], 7.77).data.map((value) => 0.5 + value / 4) as Float32Array);
  const net = new GraphBuilder('decode');
  const boxes = net.constant('defaults', defaults);
  const attributes = { variances: [0.1, 0.2], clip: true } as const;
  const graph = net.build(net.add('ssd-decode', [net.input('offsets', offsets.shape), boxes], attributes, 'y'));
  const { y } = await (await new ReferenceRunner().load(graph)).run({ offsets });
  const node = graph.nodes[0] as GraphNode<'ssd-decode'>;
  for (let box = 0; box < 6; box++) {
    const { corners } = decodeAt(node, offsets, defaults, box);
    for (const [i, corner] of corners.entries()) expect(corner).toBeCloseTo(Number(y.data[4 * box + i]), 6);
  }
});

test('suppression told step by step keeps the boxes that the operator keeps, and says which each of the others overlaps', async () => {
  const corners = Array.from({ length: 12 }, (_, i) => [i * 0.03, 0.1, i * 0.03 + 0.3, 0.6]).flat();
  const boxes = Tensor.float32([1, 12, 4], corners);
  const scores = Tensor.float32([1, 12, 3], noise([36]).data.map(Math.abs) as Float32Array);
  const attributes = {
    scoreLayout: 'box-first',
    boxFormat: 'corners',
    firstClass: 1,
    iouThreshold: 0.5,
    scoreThreshold: 0.2,
    maxPerClass: 12,
  } as const;
  const { outputs } = await one('non-maximum-suppression', [boxes, scores], attributes);
  const rows = Array.from({ length: Number(outputs[2].data[0]) }, (_, row) =>
    Array.from(outputs[0].data.subarray(3 * row, 3 * row + 3)),
  );
  for (const ofClass of [1, 2]) {
    const steps = suppressionSteps(boxes, scores, attributes, ofClass);
    const kept = steps.filter(({ behind }) => !behind).map(({ box }) => box);
    expect(kept).toEqual(rows.filter(([, c]) => c === ofClass).map(([, , box]) => box));
    expect(steps.length).toBeGreaterThan(kept.length);
    for (const { behind } of steps) {
      if (!behind) continue;
      expect(kept).toContain(behind.box);
      expect(behind.overlap).toBeGreaterThan(0.5);
    }
  }
  expect([1, 2]).toContain(bestClass(scores, attributes));
});
