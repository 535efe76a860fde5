import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chipOfAdapter } from '../../bench/gpu/chip-of-adapter';
import {
  brokenVariants,
  framesTable,
  modelledLayers,
  modelTable,
  wrongDefaults,
  wrongDefaultTable,
} from '../../bench/gpu/findings';
import type { Frames } from '../../bench/gpu/frames';
import { leftOut } from '../../bench/gpu/left-out';
import type { Description, Measurements } from '../../bench/gpu/measurements';
import { emptyReport, groupsOf } from '../../bench/gpu/parts';
import { type Place, withinTime } from '../../bench/gpu/place';
import { gpuReport, readableJson, writeGpuReport } from '../../bench/gpu/report';
import { runGroups, sampler, spread } from '../../bench/gpu/schedule';
import type { VariantTimes } from '../../bench/gpu/variants';
import { loadNetwork } from '../../bench/networks';
import type { Bounds } from '../../demo/bounds/bounds';

/** A clock that moves when it is told to. */
function fakeClock() {
  let now = 0;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { clock: () => now, pass };
}

test('what a group leaves of its time goes to all that follow', async () => {
  const { clock, pass } = fakeClock();
  const given: [number, number][] = [];
  const group = (name: string, share: number, takesMs: number) => ({
    share,
    parts: [
      {
        name,
        share: 1,
        async run(ms: number, mostMs: number) {
          given.push([ms, mostMs]);
          pass(takesMs);
        },
      },
    ],
  });
  await runGroups([group('quick', 1, 10), group('slow', 1, 130), group('last', 2, 30)], 400, () => {}, clock);
  // 400 · 1/4; 390 · 1/3; 260 · 2/2; of each, four fifths for samples.
  expect(given).toEqual([
    [80, 100],
    [104, 130],
    [208, 260],
  ]);
});

test('a slow part takes the time of its own group alone, and one that fails keeps none from running', async () => {
  const { clock, pass } = fakeClock();
  const part = (name: string, takesMs: number) => ({ name, share: 1, run: async () => pass(takesMs) });
  const broken = { name: 'broken', share: 1, run: () => Promise.reject(new TypeError('no such shader')) };
  const groups = [
    { share: 1, parts: [part('slow', 500), part('late', 1)] },
    { share: 1, parts: [broken, part('last', 20)] },
  ];
  expect(await runGroups(groups, 1000, () => {}, clock)).toEqual([
    { part: 'slow', seconds: 0.5 },
    { part: 'late', seconds: 0, leftOut: true },
    { part: 'broken', seconds: 0, problem: 'TypeError: no such shader' },
    { part: 'last', seconds: 0.02 },
  ]);
});

test('a measurement that is cut off or breaks off counts by what it told until then', async () => {
  const [said, problems]: string[][] = [[], []];
  const listener = { say: (line: string) => void said.push(line), problem: (line: string) => void problems.push(line) };
  const never = new Promise<never>(() => {});
  const endless = (tell: (value: unknown) => void) => {
    tell(1);
    tell(2);
    return never;
  };
  expect(await withinTime(endless, 1, listener)).toBe(2);
  expect(said).toEqual(['  cut off: its time is up']);
  await expect(withinTime(() => never, 1, listener)).rejects.toThrow('no result within 0 s');
  const crash = async (tell: (value: unknown) => void) => {
    tell(3);
    throw new Error('the process ended with SIGSEGV');
  };
  expect(await withinTime(crash, 60_000, listener)).toBe(3);
  expect(problems).toEqual(['broke off: the process ended with SIGSEGV']);
  expect(await withinTime(async () => 4, 60_000, listener)).toBe(4);
});

test('samples are taken until the time is up, and the least number in any case', () => {
  const { clock, pass } = fakeClock();
  const take = (ms: number, least: number): number => {
    const hasTime = sampler(ms, least, clock);
    let taken = 0;
    for (; hasTime(); taken++) pass(10);
    return taken;
  };
  expect(take(45, 1)).toBe(5);
  expect(take(0, 3)).toBe(3);
});

test('every beginning of the spread order is spread over all places', () => {
  const order = spread(1000);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  const firstTwenty = order.slice(0, 20).sort((a, b) => a - b);
  const gaps = firstTwenty.slice(1).map((place, i) => place - firstTwenty[i]);
  expect(Math.max(...gaps)).toBeLessThan(100);
  expect(spread(0)).toEqual([]);
});

const variant = (
  node: string,
  nodes: number,
  ...ways: readonly (readonly [string, number | string])[]
): VariantTimes => ({
  network: 'net',
  node,
  op: 'conv2d',
  shapes: '[3, 8, 8] [4, 3, 3, 3] → [4, 8, 8]',
  precision: 'f32',
  nodes,
  ways,
});

test('a default is wrong where another variant is faster by more than 5 %; the most time lost comes first', () => {
  const measured = [
    variant('right', 1, ['a', 1], ['b', 0.96], ['c', 'does not compile']),
    variant('once', 1, ['a', 1], ['b', 0.5]),
    variant('often', 9, ['a', 1], ['b', 0.9], ['c', 0.8]),
    variant('alone', 1, ['a', 1], ['b', 0]),
  ];
  const wrong = wrongDefaults(measured);
  expect(wrong.map(({ nodes, default: first, better, betterMs }) => [nodes, first, better, betterMs])).toEqual([
    [9, 'a', 'c', 0.8],
    [1, 'a', 'b', 0.5],
  ]);
  expect(wrongDefaultTable(wrong, 1)).toMatch(/net conv2d f32 .* 9 +a +1000\.0 +c +800\.0 +0\.80$/);
  expect(brokenVariants(measured)).toEqual(['conv2d [3, 8, 8] [4, 3, 3, 3] → [4, 8, 8] f32: c: does not compile']);
});

test('layers are compared with the model where the kernel is the same, the most mistaken first', () => {
  const networks = {
    net: {
      layers: [
        ['a', 'tiled 4×4', 10],
        ['b', 'tiled 4×4', 10],
        ['c', 'naive', 10],
      ],
    },
  };
  const layer = (node: string, setting: string, timeMs: number) => ({
    network: 'net',
    node,
    kernel: 'tiled',
    setting,
    timeMs,
  });
  const measured = [layer('a', '4×4', 0.011), layer('b', '4×4', 0.002), layer('c', '4×4', 0.01), layer('d', '4×4', 1)];
  const both = modelledLayers({ networks } as never, measured);
  expect(both.map(({ node, measuredUs }) => [node, measuredUs])).toEqual([
    ['b', 2],
    ['a', 11],
  ]);
  expect(modelTable(both, 9)).toContain('0.20');
  expect(modelledLayers({ networks: { net: {} } } as never, measured)).toEqual([]);
});

test('an adapter is a modelled chip by its words and by what it can do', () => {
  const adapter = (vendor: string, architecture: string, description = '') => ({
    name: '',
    vendor,
    architecture,
    device: '',
    description,
    software: false,
    shaderF16: true,
    timestampQuery: true,
    subgroups: true,
  });
  const doing = (teraflops: number) => ({ multiplyAddsPerSecond: (teraflops / 2) * 1e12 });
  expect(chipOfAdapter(adapter('amd', 'rdna-3'), doing(40))).toBe('navi31');
  // A small chip of the same family.
  expect(chipOfAdapter(adapter('amd', 'rdna-3'), doing(6))).toBeUndefined();
  expect(chipOfAdapter(adapter('amd', 'rdna-2'), doing(18))).toBe('navi21');
  expect(chipOfAdapter(adapter('amd', 'rdna-2'), doing(2.5))).toBe('rembrandt');
  expect(chipOfAdapter(adapter('intel', 'gen-12lp', 'Intel(R) Iris(R) Xe Graphics'), doing(1.5))).toBe('tgl');
  expect(chipOfAdapter(adapter('intel', 'gen-12hp'), doing(12))).toBe('dg2');
  expect(chipOfAdapter(adapter('nvidia', 'ada'), doing(40))).toBeUndefined();
  expect(chipOfAdapter({ ...adapter('amd', 'rdna-3'), software: true }, doing(40))).toBeUndefined();
});

const frames = (precision: 'f32' | 'f16', tuned: boolean): Frames => ({
  network: 'classifier',
  precision,
  tuned,
  coldMs: 30,
  steadyMs: [2, 1, 3],
  dispatches: 26,
  submits: 1,
  objectsPerFrame: 0,
  peakGpuBytes: 100,
  gpuMs: 0.25,
  method: 'timestamp',
  queuedMs: 0.3,
  ...(tuned && { tuning: { measurements: 9, elapsedMs: 88, choices: 20, changed: 3, guessed: 1, rejected: 0 } }),
});
const bounds: Bounds = { multiplyAddsPerSecond: 1e12, bytesPerSecond: 1e11, launchMs: 0.003 };
const description: Description = {
  adapter: {
    name: 'Some GPU',
    vendor: 'some',
    architecture: '',
    device: '',
    description: 'Some GPU',
    software: false,
    shaderF16: true,
    timestampQuery: true,
    subgroups: true,
  },
  features: ['shader-f16'],
  limits: { maxBufferSize: 1 },
  subgroups: [32, 32],
};

/** A place that answers at once, and notes what it was asked. */
function fakePlace(asked: string[]): Place {
  const answers: { readonly [K in keyof Measurements]: (argument: never) => unknown } = {
    describe: () => description,
    bounds: () => bounds,
    costs: () => Promise.reject(new Error('the device was lost')),
    cases: ({ precision }: { precision: 'f32' }) => ({
      precision,
      cases: 9,
      ran: 3,
      failed: 1,
      kernelRuns: 12,
      kernelsLeftOut: 2,
      failures: ['conv2d: wide: tiled 4×4: y is 1 at [0], expected 2'],
    }),
    frames: ({ precisions }: { precisions: readonly 'f32'[] }) => ({
      frames: precisions.flatMap((precision) => [frames(precision, false), frames(precision, true)]),
      layers: [],
      problems: [],
    }),
    variants: ({ precision }: { precision: 'f32' }) => ({
      precision,
      kinds: 2,
      measured: [variant('a', 1, ['a', 1], ['b', 0.5])],
    }),
  };
  const call = async (name: keyof Measurements, argument: unknown) => {
    asked.push(name);
    return answers[name](argument as never);
  };
  return { name: 'node', origin: 'http://localhost:1', call: call as Place['call'], close() {} };
}

test('a place is asked for all of it, though a part fails; failed cases are problems', async () => {
  const [asked, problems]: string[][] = [[], []];
  const report = emptyReport();
  const networks = [loadNetwork('classifier')!];
  const listener = { say() {}, problem: (line: string) => void problems.push(line) };
  const groups = groupsOf(fakePlace(asked), networks, report, () => 7, listener);
  const ran = await runGroups(groups, 60_000, () => {});
  expect(asked).toEqual(['describe', 'costs', 'bounds', 'cases', 'cases', 'frames', 'variants', 'variants']);
  expect(ran.filter(({ problem }) => problem)).toMatchObject([
    { part: 'node, launches and submissions', problem: 'Error: the device was lost' },
  ]);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toBe('node: kernel case f32: conv2d: wide: tiled 4×4: y is 1 at [0], expected 2');
  expect(report.frames.map(({ precision, tuned, downloadBytes }) => [precision, tuned, downloadBytes])).toEqual([
    ['f32', false, 7],
    ['f32', true, 7],
    ['f16', false, 7],
    ['f16', true, 7],
  ]);
  expect(framesTable(report.frames)).toMatch(
    /classifier +f32 tuned +30 +2\.00 +0\.250 +0\.30 +26 +88 +3 of 20, 1 not measured/,
  );

  const missing = leftOut('node', ['classifier', 'detector'], report);
  expect(missing).toEqual([
    'node: launches and submissions',
    'node: kernel cases f32: 6 of 9, and 2 kernels of those that ran',
    'node: kernel cases f16: 6 of 9, and 2 kernels of those that ran',
    'node: classifier: layers',
    'node: detector: f32, f32 tuned, f16, f16 tuned, layers',
    'node: variants f32: 1 of 2 kinds of layers',
    'node: variants f16: 1 of 2 kinds of layers',
  ]);
  expect(leftOut('chrome', ['classifier'], emptyReport())).toEqual(['chrome: everything']);

  const whole = gpuReport({ minutes: 1, parts: ran, problems, leftOut: missing, places: { node: report } });
  expect(whole.adapter).toBe('Some GPU (Dawn in Node), Fovea alone');
  // What the page's chart takes of a report.
  expect(whole.rows).toMatchObject([{ network: 'classifier', engine: 'fovea', coldMs: 30, steadyMedianMs: 2 }]);
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = writeGpuReport(whole, folder);
  expect(path).toBe(join(folder, 'some-gpu-dawn-in-node-fovea-alone.json'));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(whole)));
});

test('Chrome’s rows stand before Node’s, and no answer at all is an error', () => {
  const place = { ...emptyReport(), description, bounds, frames: [{ ...frames('f32', false), downloadBytes: 1 }] };
  const both = { minutes: 1, parts: [], problems: [], leftOut: [], places: { node: place, chrome: place } };
  expect(gpuReport(both).adapter).toBe('Some GPU, Fovea alone');
  expect(() => gpuReport({ ...both, places: { node: emptyReport() } })).toThrow('no adapter answered');
});

test('JSON has a line for each entry of a list', () => {
  const value = { a: [{ b: [1, 2] }, { b: [] }], c: { d: 1, e: null }, f: { g: [], h: [3] }, i: undefined };
  const text = readableJson(value);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
  expect(text.split('\n')).toContain('  {"b":[1,2]},');
});
