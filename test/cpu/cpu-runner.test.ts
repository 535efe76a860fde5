import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CpuRunner } from '../../src/cpu/cpu-runner';
import references from '../../src/cpu/references?worker&url';
import worker from '../../src/cpu/worker?worker&url';
import { ArgumentError, DisposedError, WebGPUUnavailableError } from '../../src/errors';
import { readSafetensors } from '../../src/formats/safetensors';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { buildVisionModel } from '../../src/models';
import { openRunner } from '../../src/open-runner';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { classifierNetwork, detectorNetwork, randomInput, segmenterNetwork, smallNetwork } from '../support/networks';
import { Random } from '../support/random';
import { RANDOM_NETWORK_TOLERANCE } from '../support/random-network';

/** Node always shares memory; a page that is not cross-origin isolated says so here. */
async function withoutSharing<T>(work: () => Promise<T>): Promise<T> {
  Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false, configurable: true });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
  }
}

async function withRunner<T>(work: (runner: CpuRunner) => Promise<T>, threads = 2): Promise<T> {
  const runner = new CpuRunner({ threads });
  try {
    return await work(runner);
  } finally {
    runner.dispose();
  }
}

function expectAlike(actual: Record<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect(Object.keys(actual)).toEqual([...expected.keys()]);
  for (const [name, tensor] of expected) expectClose(actual[name], tensor, RANDOM_NETWORK_TOLERANCE, name);
}

test.each(['classifier', 'detector', 'segmenter'])('the %s gives what the reference gives, to 1e-4', async (name) => {
  const file = readFileSync(new URL(`../../weights/${name}.safetensors`, import.meta.url));
  const { graph } = buildVisionModel(readSafetensors(file, name), name);
  const input = graph.inputs[0];
  const inputs = { [input]: new Random(3).tensor(graph.values.get(input)!.shape, -2, 2) };
  const actual = await withRunner(async (runner) => (await runner.load(graph)).run(inputs));
  for (const [output, expected] of runReference(graph, inputs)) {
    expect(actual[output].shape).toEqual(expected.shape);
    const scale = Array.from(expected.data, Math.abs).reduce((a, b) => Math.max(a, b), 1);
    const errors = Array.from(expected.data, (value, i) => Math.abs(value - actual[output].data[i]) / scale);
    expect(errors.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(1e-4);
  }
});

const networks = [classifierNetwork(), detectorNetwork(), segmenterNetwork(), smallNetwork()];

describe.each([
  { how: 'workers that share each network', threads: 3, wrap: <T>(work: () => Promise<T>) => work() },
  { how: 'one worker for each network, without shared memory', threads: 2, wrap: withoutSharing },
])('$how', ({ threads, wrap }) => {
  test('calls that overlap, of several networks, each get their own answer', () =>
    wrap(() =>
      withRunner(async (runner) => {
        const models = await Promise.all(networks.map((graph) => runner.load(graph)));
        const calls = [1, 2, 3].flatMap((seed) =>
          models.map(async (model) => {
            const inputs = randomInput(model.graph, seed);
            expectAlike(await model.run(inputs), runReference(model.graph, inputs));
          }),
        );
        await Promise.all(calls);
      }, threads),
    ));

  test('any value of the graph can be asked for, and the outputs again after it', () =>
    wrap(() =>
      withRunner(async (runner) => {
        const graph = classifierNetwork();
        const inputs = randomInput(graph);
        const model = await runner.load(graph);
        for (const outputs of [['block1.add', 'stem.norm'], ['head'], ['flat', 'pool'], ['dense'], graph.outputs]) {
          expectAlike(await model.run(inputs, { outputs }), runReference(graph, inputs, outputs));
        }
      }, threads),
    ));

  test('a graph runs as it is when nothing is to be fused', () =>
    wrap(() =>
      withRunner(async (runner) => {
        const graph = segmenterNetwork();
        const inputs = randomInput(graph);
        const model = await runner.load(graph, { optimise: false });
        expectAlike(await model.run(inputs), runReference(graph, inputs));
      }, threads),
    ));

  test('an error inside a worker rejects the run, and the next run is right', () =>
    wrap(() =>
      withRunner(async (runner) => {
        const builder = new GraphBuilder('broken');
        const x = builder.input('x', [4, 4], 'float32');
        builder.add('reduce', [x], { fn: 'sum', axes: [0], keepDims: false }, 'sum');
        const { nodes, ...rest } = builder.build(['sum']);
        const [node] = nodes;
        const broken = { ...rest, nodes: [{ ...node, attributes: { ...node.attributes, fn: 'median' } }] } as Graph;
        const [right, wrong] = [await runner.load(smallNetwork()), await runner.load(broken)];
        const inputs = randomInput(right.graph);
        for (let round = 0; round < 2; round++) {
          await expect(wrong.run({ x: Tensor.float32([4, 4]) })).rejects.toThrow(Error);
          expectAlike(await right.run(inputs), runReference(right.graph, inputs));
        }
      }, threads),
    ));

  test('an aborted run rejects with the reason of its signal, and the next run is right', () =>
    wrap(() =>
      withRunner(async (runner) => {
        const graph = segmenterNetwork(96);
        const inputs = randomInput(graph);
        const model = await runner.load(graph);
        await expect(model.run(inputs, { signal: AbortSignal.abort('early') })).rejects.toBe('early');
        const controller = new AbortController();
        const runs = [
          model.run(inputs, { signal: controller.signal }),
          model.run(inputs, { signal: controller.signal }),
        ];
        setTimeout(() => controller.abort('late'), 1);
        for (const run of runs) await expect(run).rejects.toBe('late');
        expectAlike(await model.run(inputs), runReference(graph, inputs));
      }, threads),
    ));

  test('what was disposed of says so, also to calls under way', () =>
    wrap(async () => {
      const runner = new CpuRunner({ threads });
      const graph = segmenterNetwork(96);
      const inputs = randomInput(graph);
      const [model, other] = [await runner.load(graph), await runner.load(smallNetwork())];
      other.dispose();
      other.dispose();
      await expect(other.run(randomInput(other.graph))).rejects.toThrow(DisposedError);
      await model.run(inputs);
      const running = model.run(inputs);
      setTimeout(() => runner.dispose(), 1);
      await expect(running).rejects.toThrow(DisposedError);
      await expect(model.run(inputs)).rejects.toThrow(DisposedError);
      await expect(runner.load(graph)).rejects.toThrow(DisposedError);
    }));
});

test('wrong inputs and outputs are named', () =>
  withRunner(async (runner) => {
    const graph = smallNetwork();
    const model = await runner.load(graph);
    await expect(model.run({})).rejects.toThrow('input "x" of graph "small" is missing');
    const wrong = Tensor.float32([1, 3, 8, 9]);
    await expect(model.run({ x: wrong })).rejects.toThrow(
      'input "x" must be float32 [1, 3, 9, 9], got float32 [1, 3, 8, 9]',
    );
    await expect(model.run(randomInput(graph), { outputs: ['no'] })).rejects.toThrow('has no value "no"');
    expect(() => new CpuRunner({ threads: 0 })).toThrow(ArgumentError);
  }));

test('a worker that is not found is named', async () => {
  const runner = new CpuRunner({
    threads: 2,
    urls: { worker: new URL('missing.mjs', worker).href, references },
  });
  for (let round = 0; round < 2; round++) await expect(runner.load(smallNetwork())).rejects.toThrow('missing.mjs');
  runner.dispose();
});

test('a worker that dies takes its run with it; the next run has new workers', async () => {
  const flag = new URL('die', worker);
  const file = new URL('mortal.mjs', worker);
  writeFileSync(
    file,
    `import { existsSync, rmSync } from 'node:fs';
     import './worker.mjs';
     const flag = new URL(${JSON.stringify(flag.href)});
     const notify = Atomics.notify;
     // Whoever comes last to a meeting wakes the others.
     Atomics.notify = (...meeting) => {
       if (!existsSync(flag)) return notify(...meeting);
       rmSync(flag);
       process.exit(3);
     };`,
  );
  const runner = new CpuRunner({ threads: 2, urls: { worker: file.href, references } });
  const graph = smallNetwork();
  const inputs = randomInput(graph);
  const model = await runner.load(graph);
  for (let round = 0; round < 2; round++) {
    expectAlike(await model.run(inputs), runReference(graph, inputs));
    writeFileSync(flag, '');
    await expect(model.run(inputs)).rejects.toThrow('mortal.mjs');
  }
  runner.dispose();
});

test('openRunner computes on the CPU only where that was asked for, and says so', async () => {
  // Node has no WebGPU of its own.
  await expect(openRunner()).rejects.toThrow(WebGPUUnavailableError);
  await expect(openRunner({ fallback: 'wasm' as 'cpu' })).rejects.toThrow('fallback must be cpu, got wasm');
  const runner = await openRunner({ fallback: 'cpu', threads: 2 });
  try {
    expect([runner.kind, runner.name]).toEqual(['cpu', 'CPU, 2 threads']);
    const graph = smallNetwork();
    const inputs = randomInput(graph);
    expectAlike(await (await runner.load(graph)).run(inputs), runReference(graph, inputs));
  } finally {
    runner.dispose();
  }
});
