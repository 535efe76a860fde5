import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { HARDWARE, roundsOf } from '../../bench/options';
import { cpuMsOfTree } from '../../bench/process-cpu';
import { disagreement, fileNameOf, median, percentile, type Sample, summarise, table } from '../../bench/report';
import { convolutionShares, type LayerShare, slowest } from '../../bench/shares';

const sample = (steadyMs: readonly number[], coldMs = 100): Sample => ({
  downloadBytes: 2_500_000,
  coldMs,
  steadyMs,
  dispatches: 20,
  submits: 1,
  objectsPerFrame: 0,
  peakGpuBytes: 8_000_000,
});

const layer = (network: string, op: string, timeMs: number, share: number): LayerShare => ({
  network,
  node: `${op} of ${timeMs}`,
  op,
  kernel: 'a-kernel',
  setting: '8×4',
  timeMs,
  share,
});

test('the median is the middle value, or lies between the two middle ones', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test('a percentile is one of the values, and no values have none', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(hundred, 0.95)).toBe(95);
  expect(percentile([3, 1, 2], 0.95)).toBe(3);
  expect(percentile([3, 1, 2], 0)).toBe(1);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test('rounds become one row: medians over the rounds, with steady times pooled', () => {
  const row = summarise('classifier', 'fovea', [sample([1, 2], 300), sample([3, 4, 5], 100), sample([6], 200)]);
  expect(row).toEqual({
    network: 'classifier',
    engine: 'fovea',
    downloadBytes: 2_500_000,
    coldMs: 200,
    steadyMedianMs: 3.5,
    steadyP95Ms: 6,
    dispatches: 20,
    submits: 1,
    objectsPerFrame: 0,
    peakGpuBytes: 8_000_000,
  });
});

test('CPU times are there where they could be read, and stand beside Fovea’s', () => {
  const withCpu = (steadyCpuMs: number) => ({ ...sample([1]), coldCpuMs: 400, steadyCpuMs });
  const rows = [
    summarise('classifier', 'fovea', [withCpu(20), sample([1]), withCpu(30)]),
    summarise('classifier', 'litert', [withCpu(100)]),
  ];
  expect(rows[0]).toMatchObject({ coldCpuMs: 400, steadyCpuMs: 25 });
  expect('steadyCpuMs' in summarise('classifier', 'fovea', [sample([1])])).toBe(false);
  expect(table({ adapter: 'Some', software: true, rows })).toMatch(/LiteRT.* 400\.00 ms +1\.00× +100\.00 ms +4\.00×/);
});

test('a process and its children count together', () => {
  const before = cpuMsOfTree(process.pid);
  // Only Linux has /proc.
  if (process.platform !== 'linux') return expect(before).toBeUndefined();
  const spin = 'const end = Date.now() + 200; while (Date.now() < end || process.cpuUsage().user < 150_000);';
  const child = spawn(process.execPath, ['-e', `${spin} setInterval(() => {}, 1000); console.log('done')`]);
  onTestFinished(() => void child.kill());
  return once(child.stdout, 'data').then(() => {
    expect(cpuMsOfTree(child.pid!)).toBeGreaterThanOrEqual(100);
    expect(cpuMsOfTree(process.pid)! - before!).toBeGreaterThanOrEqual(100);
  });
});

test('answers agree within a tolerance of the largest magnitude, and a difference is named', () => {
  expect(disagreement([[1, -100.05]], [[1.05, -100]], 1e-3)).toBeUndefined();
  expect(disagreement([[1, -100.5]], [[1, -100]], 1e-3)).toBe('output 0 is -100.5 at [1], expected -100 ± 0.10');
  expect(disagreement([[1], [2]], [[1]], 1e-3)).toBe('2 outputs, expected 1');
  expect(disagreement([[1, 2]], [[1]], 1e-3)).toBe('output 0 has shape [2], expected [1]');
});

test('no number hides behind NaN or infinity', () => {
  expect(disagreement([[Number.NaN]], [[1]], 1e-3)).toContain('is NaN at [0], expected 1');
  expect(disagreement([[1]], [[Number.NaN]], 1e-3)).toContain('is 1 at [0], expected NaN');
  expect(disagreement([[1]], [[Number.POSITIVE_INFINITY]], 1e-3)).toContain('expected Infinity');
  expect(disagreement([[Number.NaN]], [[Number.NaN]], 1e-3)).toBeUndefined();
});

test('a wrong number of rounds is refused, and the error has it', () => {
  expect(roundsOf('5', HARDWARE)).toBe(5);
  expect(roundsOf(undefined, HARDWARE)).toBe(HARDWARE.rounds);
  for (const text of ['0', '1.5', 'many']) {
    expect(() => roundsOf(text, HARDWARE)).toThrow(`--rounds must be an integer, at least 1, got "${text}"`);
  }
});

test('the table compares every engine with Fovea, and says if the adapter is software', () => {
  const rows = [
    summarise('classifier', 'fovea', [{ ...sample([2]), fps: 20, videoSubmits: 1 }, sample([2])]),
    summarise('classifier', 'ort-webgpu', [sample([5], 2500)]),
    summarise('detector', 'tfjs', [sample([7])]),
  ];
  const lines = table({ adapter: 'some adapter', software: true, rows }).split('\n');
  expect(lines[0]).toContain('some adapter (a software adapter');
  expect(lines[2]).toMatch(/^classifier +download +cold +vs Fovea +steady/);
  expect(lines[3]).toMatch(
    /^Fovea +2\.50 MB +100\.00 ms +1\.00× +2\.00 ms +2\.00 ms +1\.00× +20\/s +20 +1 +0 +8\.00 MB$/,
  );
  expect(lines[4]).toMatch(/^onnxruntime-web WebGPU +2\.50 MB +2\.50 s +25\.00× +5\.00 ms +5\.00 ms +2\.50×/);
  // Without Fovea's own row there is no ratio.
  expect(lines[7]).not.toContain('×');
  expect(new Set(lines.slice(2, 5).map((line) => line.length)).size).toBe(1);
});

test('an adapter’s results have a file name of letters, digits and dashes', () => {
  expect(fileNameOf('SwiftShader Device (LLVM 16.0.0)')).toBe('swiftshader-device-llvm-16-0-0.json');
  expect(fileNameOf('???')).toBe('unknown.json');
});

test('each layer counts by its time in the share that convolutions reach', () => {
  const layers = [
    layer('a', 'conv2d', 3, 0.8),
    layer('a', 'conv-transpose2d', 1, 0.4),
    layer('a', 'softmax', 100, 0.01),
    layer('b', 'conv2d', 1, 0.25),
  ];
  const shares = convolutionShares(layers);
  expect(shares.a).toBeCloseTo(0.7, 12);
  expect(shares.b).toBe(0.25);
  expect(slowest(layers, 1)).toMatch(/100\.00 ms +95 % +1 % of the bound {2}softmax of 100 \(a-kernel 8×4\)/);
});
