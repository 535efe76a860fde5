import { afterEach, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine, type EngineOptions } from '../../src/engine';
import { ArgumentError, DeviceLostError, DisposedError, FoveaError, WebGPUUnavailableError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { randomInput, smallNetwork } from '../support/networks';
import { watchBuffers } from '../support/watch-buffers';

const engines: Engine[] = [];

async function makeEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.create({ gpu: await createNodeGpu(), ...options });
  engines.push(engine);
  return engine;
}

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
  vi.restoreAllMocks();
});

/** A few layers of short float32 sums. */
const FEW_LAYERS = { ofLargest: 1e-5 };

test('a network gives what the reference gives', async () => {
  const graph = smallNetwork();
  const model = await (await makeEngine()).load(graph);
  const inputs = randomInput(graph);
  const { conv2 } = await model.run(inputs);
  expectClose(conv2, runReference(graph, inputs).get('conv2')!, FEW_LAYERS);
});

test('any value of the graph can be asked for, fused away or not', async () => {
  const graph = smallNetwork();
  const model = await (await makeEngine()).load(graph);
  const inputs = randomInput(graph);
  const names = ['conv1.norm', 'conv1.relu'];
  const actual = await model.run(inputs, { outputs: names });
  const expected = runReference(graph, inputs, names);
  expect(Object.keys(actual)).toEqual(names);
  for (const name of names) expectClose(actual[name], expected.get(name)!, FEW_LAYERS);
});

test('asking for one value runs nothing that it does not need, a count of rows beside it included', async () => {
  const b = new GraphBuilder('found');
  const boxes = b.input('boxes', [1, 2, 4]);
  const [scores] = b.add('unary', [b.input('logits', [1, 1, 2])], { ...NO_ACTIVATION, fn: 'sigmoid' }, 'scores');
  const attributes = { iouThreshold: 0.5, scoreThreshold: 0.5, maxPerClass: 2, firstClass: 0 } as const;
  const kinds = { scoreLayout: 'class-first', boxFormat: 'corners' } as const;
  const [, detections, count] = b.add('non-maximum-suppression', [boxes, scores], { ...attributes, ...kinds });
  b.limitRows(detections, count);
  const model = await (await makeEngine()).load(b.build([detections]));
  const inputs = {
    boxes: Tensor.float32([1, 2, 4], [0, 0, 1, 1, 2, 2, 3, 3]),
    logits: Tensor.float32([1, 1, 2], [4, -4]),
  };
  expect((await model.run(inputs))[detections].shape).toEqual([1, 6]);
  const { plan } = await model.session(['scores']);
  expect(plan.steps.map(({ node }) => node.op)).toEqual(['unary']);
  expect((await model.run(inputs, { outputs: ['scores'] })).scores.data[0]).toBeCloseTo(1 / (1 + Math.exp(-4)), 5);
});

test('requests in flight at the same time do not mix', async () => {
  const graph = smallNetwork();
  const model = await (await makeEngine()).load(graph);
  const seeds = [1, 2, 3, 4, 5, 6];
  const results = await Promise.all(seeds.map((seed) => model.run(randomInput(graph, seed))));
  for (const [i, seed] of seeds.entries()) {
    expectClose(results[i].conv2, runReference(graph, randomInput(graph, seed)).get('conv2')!, FEW_LAYERS);
  }
});

test('several models share one engine and its pipelines', async () => {
  const engine = await makeEngine();
  const a = smallNetwork('a');
  const b = smallNetwork('b', 12);
  const modelA = await engine.load(a);
  const pipelines = (await engine.connection()).pipelines.size;
  const modelB = await engine.load(b);
  expect((await engine.connection()).pipelines.size).toBe(pipelines);
  const [outA, outB] = await Promise.all([modelA.run(randomInput(a)), modelB.run(randomInput(b))]);
  expectClose(outA.conv2, runReference(a, randomInput(a)).get('conv2')!, FEW_LAYERS);
  expectClose(outB.conv2, runReference(b, randomInput(b)).get('conv2')!, FEW_LAYERS);
});

test('a steady frame makes one submission and no GPU object', async () => {
  const engine = await makeEngine();
  const graph = smallNetwork();
  const model = await engine.load(graph);
  await model.run(randomInput(graph));
  const created = (['createBuffer', 'createBindGroup', 'createTexture', 'createComputePipeline'] as const).map((name) =>
    vi.spyOn(engine.device, name),
  );
  const submit = vi.spyOn(engine.device.queue, 'submit');
  await model.run(randomInput(graph));
  for (const spy of created) expect(spy).not.toHaveBeenCalled();
  expect(submit).toHaveBeenCalledTimes(1);
});

test('launches of one shader over the same memory share a bind group', async () => {
  const engine = await makeEngine();
  const builder = new GraphBuilder('chain');
  let value = builder.input('x', [4]);
  for (let i = 0; i < 100; i++) [value] = builder.add('unary', [value], { fn: 'neg', alpha: 0, beta: 0 });
  const create = vi.spyOn(engine.device, 'createBindGroup');
  const model = await engine.load(builder.build([value]));
  const result = await model.run({ x: Tensor.float32([4], [1, 2, 3, 4]) });
  expect([...result[value].data]).toEqual([1, 2, 3, 4]);
  // From the input, there and back between two buffers.
  expect(create.mock.calls.length).toBeLessThanOrEqual(4);
});

test('the memory that is reported is the memory that was created, and disposing gives all of it back', async () => {
  const engine = await makeEngine();
  const held = watchBuffers(engine.device);
  const graph = smallNetwork();
  const model = await engine.load(graph);
  await model.run(randomInput(graph));
  await model.run(randomInput(graph), { outputs: ['conv1'] });
  expect(engine.memory().totalBytes).toBe(held());
  expect(held()).toBeGreaterThan(0);
  model.dispose();
  await Promise.resolve();
  expect(engine.memory().totalBytes).toBe(0);
  await vi.waitFor(() => expect(held()).toBe(0));
});

test('asking for ever other outputs does not hold ever more memory', async () => {
  const engine = await makeEngine();
  const builder = new GraphBuilder('long');
  const layers = Array.from({ length: 12 }, (_, i) => `layer${i}`);
  let value = builder.input('x', [1, 4, 8, 8]);
  for (const name of layers) [value] = builder.add('unary', [value], { fn: 'sqrt', alpha: 0, beta: 0 }, name);
  const graph = builder.build([value]);
  const model = await engine.load(graph);
  const x = Tensor.float32([1, 4, 8, 8], new Float32Array(256).fill(2));
  const values = graph.nodes.map(({ outputs }) => outputs[0]);
  const all = await Promise.all(values.map((output) => model.run({ x }, { outputs: [output] })));
  for (const [i, result] of all.entries()) expect(result[values[i]].data[0]).toBeCloseTo(2 ** (2 ** -(i + 1)), 5);
  const held = engine.memory().totalBytes;
  expect(engine.memory().models[0].bytes).toBe(held);
  for (const output of values) await model.run({ x }, { outputs: [output] });
  expect(engine.memory().totalBytes).toBeLessThanOrEqual(held);
  const own = (await model.session()).memoryBytes;
  expect(held).toBeLessThanOrEqual(4 * own);
});

test('after the device is lost the next run opens a new one and succeeds', async () => {
  const engine = await makeEngine();
  const graph = smallNetwork();
  const model = await engine.load(graph);
  const inputs = randomInput(graph);
  const expected = runReference(graph, inputs).get('conv2')!;
  expectClose((await model.run(inputs)).conv2, expected, FEW_LAYERS);
  const lost = engine.device;
  lost.destroy();
  await lost.lost;
  expectClose((await model.run(inputs)).conv2, expected, FEW_LAYERS);
  expect(engine.device).not.toBe(lost);
  expect(model.plan).toBe((await model.session()).plan);
});

test('a device that cannot be replaced is a DeviceLostError', async () => {
  const gpu = await createNodeGpu();
  let gone = false;
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  vi.spyOn(gpu, 'requestAdapter').mockImplementation(async (options) => (gone ? null : requestAdapter(options)));
  const engine = await makeEngine({ gpu });
  const graph = smallNetwork();
  const model = await engine.load(graph);
  gone = true;
  engine.device.destroy();
  await engine.device.lost;
  await expect(model.run(randomInput(graph))).rejects.toThrow(DeviceLostError);
});

test('a device with only the default limits is enough', async () => {
  const engine = await makeEngine({ defaultLimits: true });
  expect(engine.device.limits.maxStorageBufferBindingSize).toBe(2 ** 27);
  const graph = smallNetwork();
  const model = await engine.load(graph);
  expectClose(
    (await model.run(randomInput(graph))).conv2,
    runReference(graph, randomInput(graph)).get('conv2')!,
    FEW_LAYERS,
  );
});

test('a tensor that the device cannot bind is an error that names it', async () => {
  const engine = await makeEngine({ defaultLimits: true });
  const graph = smallNetwork('wide', 2600);
  await expect(engine.load(graph)).rejects.toThrow(
    /"conv1\.relu" needs \d+ bytes, but the device binds at most 134217728/,
  );
  await expect(engine.load(graph)).rejects.toThrow(FoveaError);
});

test('weights that the device cannot bind are an error that names them', async () => {
  const engine = await makeEngine({ defaultLimits: true });
  const builder = new GraphBuilder('table');
  const table = builder.constant('table', Tensor.float32([2 ** 25 + 1]));
  const graph = builder.build(builder.add('gather', [table, builder.input('i', [1], 'int32')], { axis: 0 }, 'y'));
  await expect(engine.load(graph)).rejects.toThrow(
    'tensor "table" needs 134217732 bytes, but the device binds at most 134217728',
  );
});

test('wrong inputs are errors that name the input', async () => {
  const graph = smallNetwork();
  const model = await (await makeEngine()).load(graph);
  await expect(model.run({})).rejects.toThrow('input "x" of graph "small" is missing');
  const wrong = Tensor.float32([1, 3, 8, 9]);
  await expect(model.run({ x: wrong })).rejects.toThrow(
    'input "x" must be float32 [1, 3, 9, 9], got float32 [1, 3, 8, 9]',
  );
  await expect(model.run({ ...randomInput(graph), y: wrong })).rejects.toThrow('has no input "y"');
  await expect(model.run(randomInput(graph), { outputs: ['conv9'] })).rejects.toThrow('has no value "conv9"');
});

test('a model that is disposed of while it runs still answers', async () => {
  const graph = smallNetwork();
  const model = await (await makeEngine()).load(graph);
  const inputs = randomInput(graph);
  const session = await model.session();
  const answer = session.run(inputs);
  model.dispose();
  expectClose((await answer).get('conv2')!, runReference(graph, inputs).get('conv2')!, FEW_LAYERS);
});

test('what was disposed says so', async () => {
  const engine = await makeEngine();
  const graph = smallNetwork();
  const model = await engine.load(graph);
  model.dispose();
  await expect(model.run(randomInput(graph))).rejects.toThrow(DisposedError);
  engine.dispose();
  await expect(engine.load(graph)).rejects.toThrow(DisposedError);
});

test('a missing adapter and a missing API say which step failed', async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  const failed = Engine.create({ gpu });
  await expect(failed).rejects.toThrow(WebGPUUnavailableError);
  await expect(failed).rejects.toMatchObject({ step: 'no-adapter' });
});

test('an adapter that offers less than WebGPU promises is refused by the limit that it lacks', async () => {
  const gpu = await createNodeGpu();
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  vi.spyOn(gpu, 'requestAdapter').mockImplementation(async (options) => {
    const adapter = (await requestAdapter(options))!;
    const limits = { ...limitsOf(adapter), maxComputeInvocationsPerWorkgroup: 64 };
    return new Proxy(adapter, { get: (target, key) => (key === 'limits' ? limits : Reflect.get(target, key, target)) });
  });
  const failed = Engine.create({ gpu });
  await expect(failed).rejects.toMatchObject({ step: 'limits' });
  await expect(failed).rejects.toThrow('offers maxComputeInvocationsPerWorkgroup 64, where 128 are needed');
});

test('an adapter that says nothing of itself is taken all the same', async () => {
  const gpu = await createNodeGpu();
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  vi.spyOn(gpu, 'requestAdapter').mockImplementation(async (options) => {
    const adapter = (await requestAdapter(options))!;
    return new Proxy(adapter, {
      get(target, key) {
        if (key === 'info') return undefined;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  });
  expect((await makeEngine({ gpu })).adapter).toMatchObject({ name: 'unknown adapter', software: false });
});

/** They are getters of the prototype. */
function limitsOf({ limits }: GPUAdapter): Record<string, number> {
  const names: string[] = [];
  for (const name in limits) names.push(name);
  return Object.fromEntries(names.map((name) => [name, Reflect.get(limits, name) as number]));
}

test('float16 on an adapter without it is refused by name', async () => {
  const gpu = await createNodeGpu();
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  vi.spyOn(gpu, 'requestAdapter').mockImplementation(async (options) => {
    const adapter = await requestAdapter(options);
    if (adapter) {
      const features = new Set([...adapter.features].filter((feature) => feature !== 'shader-f16'));
      Object.defineProperty(adapter, 'features', { value: features });
    }
    return adapter;
  });
  const engine = await makeEngine({ gpu, precision: 'f16' });
  await expect(engine.load(smallNetwork())).rejects.toThrow(ArgumentError);
  await expect(engine.load(smallNetwork())).rejects.toThrow(/shader-f16/);
});

test('what depends on constants alone is computed at load, whatever operator it takes', async () => {
  const builder = new GraphBuilder('folding');
  const x = builder.input('x', [3]);
  const k = builder.constant('k', Tensor.float32([3], [1, 2, 3]));
  const [doubled] = builder.add('binary', [k, k], { fn: 'add' });
  const model = await (await makeEngine()).load(builder.build(builder.add('concat', [x, doubled], { axis: 0 }, 'y')));
  expect(model.plan.graph.nodes.map((node) => node.op)).toEqual(['concat']);
  expect([...(await model.run({ x: Tensor.float32([3], [7, 8, 9]) })).y.data]).toEqual([7, 8, 9, 2, 4, 6]);
});
