import { afterEach, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError, DisposedError } from '../../src/errors';
import { Stopwatch } from '../../src/gpu/stopwatch';
import { GraphBuilder } from '../../src/graph/builder';
import { layerTimings } from '../../src/model';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { randomInput, smallNetwork } from '../support/networks';
import { Random } from '../support/random';

const engines: Engine[] = [];

async function makeEngine(gpu?: GPU): Promise<Engine> {
  const engine = await Engine.create({ gpu: gpu ?? (await createNodeGpu()) });
  engines.push(engine);
  return engine;
}

/** The same GPU as one that has no timestamps. */
async function withoutTimestamps(): Promise<GPU> {
  const gpu = await createNodeGpu();
  return {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = (await gpu.requestAdapter(options))!;
      return {
        info: adapter.info,
        limits: adapter.limits,
        features: new Set([...adapter.features].filter((feature) => feature !== 'timestamp-query')),
        requestDevice: (descriptor?: GPUDeviceDescriptor) => adapter.requestDevice(descriptor),
      };
    },
  } as unknown as GPU;
}

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** A row of `count` unary nodes over so many numbers. */
function chain(
  count: number,
  size: number,
): { graph: ReturnType<GraphBuilder['build']>; inputs: Record<string, Tensor> } {
  const builder = new GraphBuilder('chain');
  let x = builder.input('x', [size]);
  for (let i = 0; i < count; i++) [x] = builder.add('unary', [x], { ...NO_ACTIVATION, fn: 'sin' }, `sin${i}`);
  return { graph: builder.build([x]), inputs: { x: Tensor.float32([size]) } };
}

test('every node that launches something is timed by timestamps, with its kernel', async () => {
  const model = await (await makeEngine()).load(smallNetwork());
  const timings = await model.profile(randomInput(model.graph));
  const launching = model.plan.steps.filter((step) => step.chosen.dispatches.length > 0);
  expect(timings.map(({ node, op, kernel, setting }) => ({ node, op, kernel, setting }))).toEqual(
    launching.map(({ node, chosen }) => ({
      node: node.name,
      op: node.op,
      kernel: chosen.kernel,
      setting: chosen.setting,
    })),
  );
  for (const { timeMs, method, repeats, uncertaintyMs } of timings) {
    expect(method).toBe('timestamp');
    expect(timeMs).toBeGreaterThan(0);
    expect(Number.isInteger(repeats)).toBe(true);
    expect(uncertaintyMs).toBeGreaterThanOrEqual(0);
  }
});

test('a short launch is repeated until it spans many steps of the clock, or as often as allowed', async () => {
  const { graph, inputs } = chain(1, 4);
  const model = await (await makeEngine()).load(graph, { optimise: false });
  const [{ timeMs, repeats, uncertaintyMs }] = await model.profile(inputs);
  if (repeats < 1000) expect(timeMs).toBeGreaterThanOrEqual(15 * uncertaintyMs);
  const [capped] = await model.profile(inputs, { maxRepeats: 3 });
  expect(capped.repeats).toBeLessThanOrEqual(3);
});

test('a run with profile gives the outputs asked for and the timings beside them', async () => {
  const graph = smallNetwork();
  const inputs = randomInput(graph);
  const model = await (await makeEngine()).load(graph);
  const result = await model.run(inputs, { outputs: ['conv1'], profile: true });
  expect(Object.keys(result)).toEqual(['conv1']);
  const expected = runReference(graph, inputs, ['conv1']).get('conv1')!;
  expectClose(result.conv1, expected, { ofLargest: 1e-5 });
  expect(result[layerTimings].map(({ node }) => node)).toContain('conv1');
  expect(layerTimings in (await model.run(inputs))).toBe(false);
});

test('profiling does not change what later runs give', async () => {
  const graph = smallNetwork();
  const inputs = randomInput(graph);
  const model = await (await makeEngine()).load(graph);
  const before = await model.run(inputs);
  await model.profile(randomInput(graph, 9));
  const after = await model.run(inputs);
  expect(after.conv2.data).toEqual(before.conv2.data);
});

test('layers are timed on the inputs that were given, even where a frame uses the memory of its input again', async () => {
  const { graph } = chain(5, 64);
  const inputs = { x: new Random(3).tensor([64]) };
  const model = await (await makeEngine()).load(graph, { optimise: false });
  const { places } = model.plan.memory;
  const shares = graph.nodes.filter(({ outputs: [y] }) => places.get(y)!.buffer === places.get('x')!.buffer);
  expect(shares).not.toHaveLength(0);
  await model.profile(inputs, { maxRepeats: 2 });
  // Each layer was run last by being timed, so that what lies there now is the answer to what it was timed on.
  const session = await model.session();
  const encoder = session.device.createCommandEncoder();
  const read = session.encodeReadback(encoder);
  session.device.queue.submit([encoder.finish()]);
  const [last] = graph.outputs;
  expect((await read()).get(last)).toEqual((await model.run(inputs))[last]);
});

test('an adapter without timestamps is timed by the wall clock, and says so', async () => {
  const { graph, inputs } = chain(2, 200_000);
  const model = await (await makeEngine(await withoutTimestamps())).load(graph, { optimise: false });
  const timings = await model.profile(inputs, { maxRepeats: 50 });
  expect(timings.map(({ node, method }) => [node, method])).toEqual([
    ['sin0', 'wall'],
    ['sin1', 'wall'],
  ]);
  expect(timings[0].timeMs).toBeGreaterThan(0);
});

test('no launches take no time', async () => {
  const engine = await makeEngine();
  const stopwatch = new Stopwatch(engine.device);
  expect(await stopwatch.time([])).toMatchObject({ timeMs: 0, repeats: 0 });
  stopwatch.dispose();
});

test('profiling asks for all inputs, and a model that is not disposed', async () => {
  const model = await (await makeEngine()).load(smallNetwork());
  await expect(model.profile({})).rejects.toThrow(new ArgumentError('input "x" of graph "small" is missing'));
  model.dispose();
  await expect(model.profile(randomInput(model.graph))).rejects.toThrow(DisposedError);
});
