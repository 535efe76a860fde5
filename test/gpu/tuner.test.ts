import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import packageJson from '../../package.json';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { FileTuningCache } from '../../src/cli/tuning-cache';
import { Engine } from '../../src/engine';
import type { Candidate } from '../../src/gpu/kernel';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan } from '../../src/gpu/plan';
import { defineShader } from '../../src/gpu/shader';
import { tune } from '../../src/gpu/tuner';
import { MemoryTuningCache, type TunedChoice, type TuningCache } from '../../src/gpu/tuning-cache';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { VERSION } from '../../src/version';
import { expectClose } from '../support/expect-close';
import { testDevice } from '../support/gpu';

const { acquired, pipelines } = await testDevice();
const where = { ...acquired, pipelines };
const engine = await Engine.create({ gpu: await createNodeGpu() });
const folder = await mkdtemp(join(tmpdir(), 'fovea-tuning-'));
afterAll(async () => {
  engine.dispose();
  await rm(folder, { recursive: true });
});

/** Two softmaxes alike and one of another shape: each can run in several ways. */
function threeSoftmaxes(): Graph {
  const builder = new GraphBuilder('softmaxes');
  const attributes = { axis: 1, log: false };
  const [a] = builder.add('softmax', [builder.input('x', [3, 70])], attributes, 'a');
  const [b] = builder.add('softmax', [a], attributes, 'b');
  const [flat] = builder.add('reshape', [b], { shape: [2, 105] }, 'flat');
  return builder.build(builder.add('softmax', [flat], attributes, 'c'));
}

const inputs = {
  x: Tensor.float32(
    [3, 70],
    Array.from({ length: 210 }, (_, i) => Math.sin(i)),
  ),
};

/** A plan whose first node has these candidates besides its own first. */
async function planWith(others: (first: Candidate) => Candidate[]): Promise<Plan> {
  const graph = threeSoftmaxes();
  const plan = makePlan(graph, await loadKernels(graph), { precision: 'f32', device: acquired.traits });
  const [step, ...rest] = plan.steps;
  const [first] = step.candidates;
  return {
    ...plan,
    steps: [{ ...step, candidates: [first, ...others(first)] }, ...rest.map((s) => ({ ...s, candidates: [s.chosen] }))],
  };
}

test('without asking for it nothing is tuned', async () => {
  const model = await engine.load(threeSoftmaxes());
  expect(model.tuning).toBeUndefined();
  model.dispose();
});

test('every node with a choice is decided by measuring, equal ones once, and the result stays right', async () => {
  const model = await engine.load(threeSoftmaxes(), { tune: { cache: new MemoryTuningCache(), budgetMs: Infinity } });
  const { steps, measurements, rejected } = model.tuning!;
  expect(steps.map(({ node, source }) => [node, source])).toEqual([
    ['a', 'measured'],
    ['b', 'measured'],
    ['c', 'measured'],
  ]);
  expect(rejected).toEqual([]);
  const candidatesOf = (node: string) => model.plan.steps.find((step) => step.node.name === node)!.candidates;
  expect(candidatesOf('a').length).toBeGreaterThan(1);
  expect(measurements).toBe(candidatesOf('a').length + candidatesOf('c').length);
  for (const { node, setting, timeMs } of steps) {
    expect(model.plan.steps.find((step) => step.node.name === node)!.chosen.setting).toBe(setting);
    expect(timeMs).toBeGreaterThan(0);
  }
  const { c } = await model.run(inputs);
  const expected = runReference(model.graph, inputs).get('c')!;
  expectClose(c, expected, { ofLargest: 1e-6 });
  model.dispose();
});

test('an engine told to tune does so for every network that is not told otherwise', async () => {
  const tuning = await Engine.create({
    gpu: await createNodeGpu(),
    tune: { cache: new MemoryTuningCache(), budgetMs: 0 },
  });
  expect((await tuning.load(threeSoftmaxes())).tuning!.steps).toHaveLength(3);
  expect((await tuning.load(threeSoftmaxes(), { tune: false })).tuning).toBeUndefined();
  tuning.dispose();
});

test('what the cache knows is not measured again, and holds for other outputs as well', async () => {
  const cache = new MemoryTuningCache();
  const first = await engine.load(threeSoftmaxes(), { tune: { cache, budgetMs: Infinity } });
  const second = await engine.load(threeSoftmaxes(), { tune: { cache, budgetMs: Infinity } });
  expect(second.tuning!.measurements).toBe(0);
  expect(second.tuning!.steps.map(({ source }) => source)).toEqual(['cached', 'cached', 'cached']);
  const choices = (report: typeof first.tuning) => report!.steps.map(({ kernel, setting }) => [kernel, setting]);
  expect(choices(second.tuning)).toEqual(choices(first.tuning));
  const session = await second.session(['a']);
  expect(session.plan.steps[0].chosen.setting).toBe(first.tuning!.steps[0].setting);
  first.dispose();
  second.dispose();
});

test('the cache decides: an entry for a slower way is followed', async () => {
  const plan = await planWith((first) => [{ ...first, setting: 'another' }]);
  const entry = { kernel: 'softmax', setting: 'another', timeMs: 1 };
  const cache: TuningCache = { get: async () => entry, set: async () => {} };
  const { steps, choose, measurements } = await tune(plan, where, { cache });
  expect(measurements).toBe(0);
  expect(steps).toEqual([{ node: 'a', source: 'cached', ...entry }]);
  expect(choose(plan.steps[0].candidates, plan.steps[0].context).setting).toBe('another');
});

test('a cache entry that names no candidate, or is none, is ignored', async () => {
  const wrong = [{ kernel: 'softmax', setting: 'gone', timeMs: 1 }, { kernel: 7 }, 'nonsense', null];
  for (const entry of wrong) {
    const kept: TunedChoice[] = [];
    const cache: TuningCache = {
      get: async () => entry as TunedChoice,
      set: async (_key, value) => {
        kept.push(value);
      },
    };
    const { steps } = await tune(await planWith((first) => [{ ...first, setting: 'another' }]), where, {
      cache,
      budgetMs: Infinity,
    });
    expect(steps[0].source).toBe('measured');
    expect(kept).toHaveLength(1);
  }
});

test('keys of the cache name the adapter and the version', async () => {
  const keys: string[] = [];
  const cache: TuningCache = {
    get: async (key) => {
      keys.push(key);
      return undefined;
    },
    set: async () => {},
  };
  await tune(await planWith((first) => [first]), where, { cache, budgetMs: 0 });
  expect(keys[0]).toContain(acquired.report.description);
  expect(keys[0]).toContain(JSON.stringify(VERSION));
});

test('when there is no time left the best guesses are kept, and not cached', async () => {
  let kept = 0;
  const cache: TuningCache = {
    get: async () => undefined,
    set: async () => {
      kept++;
    },
  };
  const model = await engine.load(threeSoftmaxes(), { tune: { cache, budgetMs: 0 } });
  expect(model.tuning!.measurements).toBe(0);
  expect(model.tuning!.steps.map(({ source, timeMs }) => [source, timeMs])).toEqual([
    ['guess', undefined],
    ['guess', undefined],
    ['guess', undefined],
  ]);
  expect(kept).toBe(0);
  for (const { chosen, candidates } of model.plan.steps) expect(chosen).toBe(candidates[0]);
  model.dispose();
});

test('a candidate that does not compile is skipped and reported', async () => {
  const plan = await planWith((first) => {
    const [dispatch] = first.dispatches;
    const source = dispatch.shader.source.replaceAll('exp(', 'no_such_function(');
    return [
      { kernel: 'broken', setting: '', dispatches: [{ ...dispatch, shader: defineShader('broken', source) }] },
      { ...first, setting: 'another' },
    ];
  });
  const report = await tune(plan, where, { cache: new MemoryTuningCache(), budgetMs: Infinity });
  expect(report.steps[0].source).toBe('measured');
  expect(report.steps[0].kernel).toBe('softmax');
  expect(report.measurements).toBe(2);
  expect(report.rejected).toHaveLength(1);
  expect(report.rejected[0]).toMatchObject({ node: 'a', kernel: 'broken' });
  expect(report.rejected[0].reason).toContain('no_such_function');
});

test('a candidate whose result is not that of the first is rejected, however fast', async () => {
  const plan = await planWith((first) => {
    const [dispatch] = first.dispatches;
    return [{ kernel: 'wrong', setting: '', dispatches: [{ ...dispatch, workgroups: [0, 1, 1] as const }] }];
  });
  const report = await tune(plan, where, { cache: new MemoryTuningCache(), budgetMs: Infinity });
  expect(report.steps[0].kernel).toBe('softmax');
  expect(report.rejected).toHaveLength(1);
  expect(report.rejected[0]).toMatchObject({ node: 'a', kernel: 'wrong' });
  expect(report.rejected[0].reason).toMatch(/^a is 0 at \[\d, \d+\], expected 0\.0\d+ ± \S+ by the first candidate/);
});

test('a cache that fails is reported and does without', async () => {
  const cache: TuningCache = {
    get: () => Promise.reject(new Error('the disk is full')),
    set: () => Promise.reject(new Error('still full')),
  };
  const report = await tune(await planWith((first) => [{ ...first, setting: 'another' }]), where, {
    cache,
    budgetMs: Infinity,
  });
  expect(report.steps[0].source).toBe('measured');
  expect(report.cacheError).toBe('the disk is full');
});

test('tuning leaves no GPU memory behind', async () => {
  const before = engine.memory().totalBytes;
  const model = await engine.load(threeSoftmaxes(), { tune: { cache: new MemoryTuningCache(), budgetMs: 1000 } });
  const plain = await engine.load(threeSoftmaxes());
  expect(model.memoryBytes).toBe(plain.memoryBytes);
  model.dispose();
  plain.dispose();
  expect(engine.memory().totalBytes).toBe(before);
});

test('the version is that of package.json', () => {
  expect(VERSION).toBe(packageJson.version);
});

const choice = (setting: string): TunedChoice => ({ kernel: 'softmax', setting, timeMs: 0.5 });

test('a file keeps choices from one process to the next', async () => {
  const path = join(folder, 'deep', 'tuning.json');
  const cache = FileTuningCache.open(path);
  expect(await cache.get('a')).toBeUndefined();
  await Promise.all([cache.set('a', choice('1')), cache.set('b', choice('2')), cache.set('a', choice('3'))]);
  const later = FileTuningCache.open(path);
  expect(await later.get('a')).toEqual(choice('3'));
  expect(await later.get('b')).toEqual(choice('2'));
  expect(await readdir(join(folder, 'deep'))).toEqual(['tuning.json']);
});

test('a file that holds something else is refused and not written over', async () => {
  const path = join(folder, 'other.json');
  for (const content of ['{"a":', '[1]', 'null', '{"a":{"kernel":1}}', '']) {
    await writeFile(path, content);
    expect(() => FileTuningCache.open(path)).toThrow(/other\.json: the file holds something other than tuned kernels/);
    expect(await readFile(path, 'utf8')).toBe(content);
  }
});
