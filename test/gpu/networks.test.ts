import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import type { Graph } from '../../src/graph/graph';
import { optimise } from '../../src/graph/passes';
import { runReference } from '../../src/reference';
import { expectClose } from '../support/expect-close';
import { collectGarbage } from '../support/garbage';
import { graphToOnnx } from '../support/graph-to-onnx';
import { classifierNetwork, detectorNetwork, randomInput, segmenterNetwork } from '../support/networks';
import { runOnnxRuntime } from '../support/onnx-runtime';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine?.dispose());

/** Dozens of layers of float32 sums. */
const DOZENS_OF_LAYERS = { ofLargest: 1e-4 };

const networks: readonly (readonly [string, Graph])[] = [
  ['the inverted-residual classifier', classifierNetwork()],
  ['the classifier on two pictures', classifierNetwork(24, 2)],
  ['the SSD with three scales', detectorNetwork()],
  ['the SSD on two pictures', detectorNetwork(40, 2)],
  ['the U-Net with skips', segmenterNetwork()],
  ['the U-Net on two pictures', segmenterNetwork(24, 2)],
];

describe.each(networks)('%s', (_name, graph) => {
  test('gives on the GPU what ONNX Runtime gives', async () => {
    const inputs = randomInput(graph);
    const expected = await runOnnxRuntime(graphToOnnx(graph), inputs);
    const model = await engine.load(graph);
    for (let round = 0; round < 3; round++) {
      const actual = await model.run(inputs);
      for (const output of graph.outputs) {
        expectClose(actual[output], expected.get(output)!, DOZENS_OF_LAYERS);
      }
    }
    model.dispose();
  });

  test('gives on the CPU what ONNX Runtime gives', async () => {
    const inputs = randomInput(graph);
    const expected = await runOnnxRuntime(graphToOnnx(graph), inputs);
    for (const [name, actual] of runReference(graph, inputs)) {
      // The reference sums in float64: what is left is ONNX Runtime's rounding.
      expectClose(actual, expected.get(name)!, { ofLargest: 1e-5 });
    }
  });

  test('gives the same unfused', async () => {
    const inputs = randomInput(graph);
    const fused = await engine.load(graph);
    const plain = await engine.load(graph, { optimise: false });
    const [a, b] = [await fused.run(inputs), await plain.run(inputs)];
    for (const output of graph.outputs) expectClose(a[output], b[output], DOZENS_OF_LAYERS);
    expect(fused.plan.steps.length).toBeLessThan(plain.plan.steps.length);
    fused.dispose();
    plain.dispose();
  });
});

test('the U-Net gives what ONNX Runtime gives with every step up as one launch, as GPUs run it', async () => {
  for (const graph of [segmenterNetwork(), segmenterNetwork(24, 2)]) {
    const inputs = randomInput(graph);
    const expected = await runOnnxRuntime(graphToOnnx(graph), inputs);
    const fused = await optimise(graph, { software: false });
    const model = await engine.load(fused, { optimise: false });
    expect(fused.nodes.map(({ op }) => op)).toEqual([
      ...['conv2d', 'max-pool2d', 'conv2d', 'max-pool2d', 'conv2d'],
      ...['upsample-conv2d', 'upsample-conv2d', 'conv2d'],
    ]);
    const actual = await model.run(inputs);
    expectClose(actual.mask, expected.get('mask')!, DOZENS_OF_LAYERS);
    model.dispose();
  }
});

describe('the plan of the U-Net', () => {
  test('has no separate batch normalisation, bias, activation or concatenation', async () => {
    const model = await engine.load(segmenterNetwork());
    const working = model.plan.steps.filter(({ chosen }) => chosen.dispatches.length > 0);
    expect(new Set(working.map(({ node }) => node.op))).toEqual(new Set(['conv2d', 'max-pool2d', 'resize2d']));
    model.dispose();
  });

  test('needs at most a quarter more memory than is alive at once', async () => {
    for (const graph of [segmenterNetwork(64, 1, 16), classifierNetwork(64), detectorNetwork(64)]) {
      const { memory } = (await engine.load(graph)).plan;
      expect(memory.peakBytes).toBeLessThanOrEqual(1.25 * memory.lowerBoundBytes);
    }
  });
});

test('a thousand runs of the U-Net grow neither GPU memory nor the heap', async () => {
  const graph = segmenterNetwork(16, 1, 4);
  const model = await engine.load(graph);
  const inputs = randomInput(graph);
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const run = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await model.run(inputs);
  };
  await run(100);
  const held = engine.memory().totalBytes;
  const before = heap();
  await run(1000);
  expect(engine.memory().totalBytes).toBe(held);
  expect(heap() - before).toBeLessThan(1_000_000);
  model.dispose();
}, 600_000);
