import { afterAll, describe, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { PORTABLE_DEVICE } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { runReference } from '../../src/reference';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { allCases } from '../ops/cases';
import { expectClose } from '../support/expect-close';
import { caseGraph } from '../support/kernel-case';
import { randomInput, smallNetwork } from '../support/networks';

const asked: (string | undefined)[] = [];
const dawn = await createNodeGpu();

/** A machine whose drivers only offer the compatibility level; Dawn then holds a device to its limits. */
const compatible: Pick<GPU, 'requestAdapter'> = {
  async requestAdapter(options) {
    asked.push(options?.featureLevel);
    if (options?.featureLevel !== 'compatibility') return null;
    const adapter = (await dawn.requestAdapter(options))!;
    const { limits } = await adapter.requestDevice().then((device) => {
      device.destroy();
      return device;
    });
    return {
      // As browsers of before `info` was agreed on.
      info: undefined,
      features: new Set<string>(),
      limits,
      requestDevice: async (descriptor: GPUDeviceDescriptor) =>
        (await dawn.requestAdapter(options))!.requestDevice(descriptor),
    } as unknown as GPUAdapter;
  },
};

const engine = await Engine.create({ gpu: compatible as GPU });
afterAll(() => engine.dispose());

async function check(graph: Graph): Promise<void> {
  const inputs = randomInput(graph);
  const model = await engine.load(graph);
  const actual = await model.run(inputs);
  for (const [name, tensor] of runReference(graph, inputs)) expectClose(actual[name], tensor, { ofLargest: 1e-5 });
  model.dispose();
}

describe('an adapter of the compatibility level', () => {
  test('is asked for when there is no other, and may say nothing about itself', () => {
    expect(asked).toEqual([undefined, 'compatibility']);
    expect(engine.adapter).toMatchObject({ name: 'unknown adapter', vendor: '', software: false });
    expect(engine.device.limits).toMatchObject({
      maxComputeInvocationsPerWorkgroup: 128,
      maxComputeWorkgroupStorageSize: 16384,
      maxTextureDimension2D: 4096,
    });
  });

  test('runs a network, and rows that would take larger workgroups', async () => {
    await check(smallNetwork());
    const b = new GraphBuilder('rows');
    const x = b.input('x', [3, 2000]);
    const [likely] = b.add('softmax', [x], { axis: 1, log: false });
    const [values, indices] = b.add('top-k', [x], { axis: 1, k: 5, largest: true });
    await check(b.build([likely, values, indices]));
  });

  test('answers about a picture that is larger than its textures', async () => {
    const b = new GraphBuilder('mean');
    const [pooled] = b.add('global-pool2d', [b.input('image', [1, 3, 8, 8])], { fn: 'mean' }, 'pooled');
    const [probabilities] = b.add('reshape', [pooled], { shape: [1, 3] }, 'probabilities');
    const classifier = await ImageClassifier.load(engine, {
      task: 'classify',
      graph: b.build([probabilities]),
      labels: ['red', 'green', 'blue'],
      spec: { size: [8, 8], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] },
    });
    const width = 4100;
    const data = new Uint8ClampedArray(width * 2 * 4).map((_, i) => [255, 51, 0, 255][i % 4]);
    const [red, green] = await classifier.classify({ data, width, height: 2 });
    expect([red.label, green.label]).toEqual(['red', 'green']);
    expect(red.score).toBeCloseTo(1, 2);
    expect(green.score).toBeCloseTo(0.2, 2);
    classifier.dispose();
  });
});

test('every case of every operator has a kernel for workgroups of 128', async () => {
  const limits = { ...PORTABLE_DEVICE.limits, maxComputeInvocationsPerWorkgroup: 128, maxComputeWorkgroupSizeX: 128 };
  for (const testCase of allCases) {
    const { graph } = caseGraph(testCase);
    const { profile: asked = PORTABLE_DEVICE.profile } = testCase;
    const profile = typeof asked === 'function' ? asked(8) : asked;
    const kernels = await loadKernels(graph);
    const plan = makePlan(graph, kernels, { precision: 'f32', device: { profile, limits } });
    expect(plan.steps.every(({ candidates }) => candidates.length > 0)).toBe(true);
  }
});
