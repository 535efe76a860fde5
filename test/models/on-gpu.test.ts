import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { readSafetensors } from '../../src/formats/safetensors';
import { profileOf } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { launchesOf, makePlan, type Plan } from '../../src/gpu/plan';
import { plannedMemory } from '../../src/gpu/planned-memory';
import type { Graph } from '../../src/graph/graph';
import { optimise } from '../../src/graph/passes';
import { graphStatistics } from '../../src/graph/statistics';
import { buildVisionModel, type VisionModel } from '../../src/models';
import { classifierGraph } from '../../src/models/classifier';
import { segmenterGraph } from '../../src/models/segmenter';
import { runReference } from '../../src/reference';
import { sizeOf, Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { Random } from '../support/random';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine?.dispose());

function visionModel(name: string): VisionModel {
  return buildVisionModel(readSafetensors(readFileSync(`weights/${name}.safetensors`), name), name);
}

describe.each([
  ['classifier', 2.5e6, 0.5e9],
  ['detector', 4e6, 1.5e9],
  ['segmenter', 3e6, 3e9],
])('the %s', (name, mostParameters, mostFlops) => {
  test('gives on the GPU what the reference gives', async () => {
    const { graph, spec } = visionModel(name);
    const image = new Random(8).tensor([1, 3, ...spec.size], -2, 2);
    const values = name === 'detector' ? ['scores', 'boxes'] : graph.outputs;
    const model = await engine.load(graph);
    const actual = await model.run({ image }, { outputs: values });
    for (const [value, expected] of runReference(graph, { image }, values)) {
      // Dozens of layers of float32 sums.
      expectClose(actual[value], expected, { ofLargest: 1e-4 }, value);
    }
    model.dispose();
  });

  test('keeps within its size', () => {
    expect(existsSync(`weights/${name}.md`)).toBe(true);
    expect(readFileSync(`weights/${name}.safetensors`).length).toBeLessThanOrEqual(6e6);
    const { graph } = visionModel(name);
    // Running statistics of batch normalisation are counted too, and the detector's table of default boxes.
    expect(graphStatistics(graph).parameters).toBeLessThanOrEqual(mostParameters * 1.02);
    expect(graphStatistics(graph).flops).toBeLessThanOrEqual(mostFlops * 1.02);
  });

  test('needs at most 40 % of the launches on a GPU that it would need unfused', async () => {
    const { graph } = visionModel(name);
    const optimised = await optimise(graph, { software: false });
    // Software adapters prefer Winograd's convolution, which is faster there in spite of its three launches.
    const device = { profile: profileOf({ software: false, subgroups: false }), limits: engine.device.limits };
    const planOf = async (of: Graph): Promise<Plan> =>
      makePlan(of, await loadKernels(of), { precision: 'f32', device });
    const fused = await planOf(optimised);
    expect(launchesOf(fused)).toBeLessThanOrEqual(0.4 * launchesOf(await planOf(graph)));
    expect(fused.memory.peakBytes).toBeLessThanOrEqual(1.25 * fused.memory.lowerBoundBytes);
    // The segmenter's cells agree on names over a map of 21 · 6 · 6 numbers, whose layer has to be complete by then.
    const isMap = (name: string): boolean => sizeOf(optimised.values.get(name)!.shape) > 21 * 6 * 6;
    const working = fused.steps
      .filter(({ chosen, node }) => chosen.dispatches.length > 0 && node.outputs.some(isMap))
      .map(({ node }) => node.op);
    for (const op of ['batch-norm', 'unary', 'binary'] as const) expect(working).not.toContain(op);
  });

  test('holds as much GPU memory as its plan says', async () => {
    const model = await engine.load(visionModel(name).graph);
    const planned = plannedMemory(model.plan);
    const loaded = planned.activationBytes + planned.weightBytes + planned.paramBytes;
    expect(engine.memory()).toEqual({ totalBytes: loaded, models: [{ name, bytes: loaded }] });
    expect(planned.activationBytes).toBe(model.plan.memory.peakBytes);
    await model.run({ image: Tensor.float32(model.graph.values.get('image')!.shape) });
    expect(engine.memory().totalBytes).toBe(loaded + planned.readbackBytes);
    model.dispose();
    expect(engine.memory().totalBytes).toBe(0);
  });
});

test.each([
  ['classifier', classifierGraph],
  ['segmenter', segmenterGraph],
] as const)(
  'the memory of the %s follows its plan at any size, and what it computes takes as much for each pixel',
  async (name, build) => {
    const { tensors } = readSafetensors(readFileSync(`weights/${name}.safetensors`), name);
    const perPixel: number[] = [];
    for (const size of [128, 256, 512]) {
      const model = await engine.load(build(tensors, [size, size]));
      const { activationBytes, weightBytes, paramBytes } = plannedMemory(model.plan);
      expect(engine.memory().totalBytes).toBe(activationBytes + weightBytes + paramBytes);
      perPixel.push(activationBytes / size ** 2);
      model.dispose();
    }
    expect(Math.max(...perPixel)).toBeLessThan(1.15 * Math.min(...perPixel));
  },
);
