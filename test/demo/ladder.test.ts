import { expect, test } from 'vitest';
import { gigaflops, ladderGraph, loadsPerMultiplyAdd, planRungs, RUNGS, settingOf } from '../../demo/lessons/rungs';
import { PORTABLE_DEVICE, profileOf } from '../../src/gpu/adapter-profile';
import { graphStatistics } from '../../src/graph/statistics';

const early = ladderGraph('early');
const late = ladderGraph('late');

const ADAPTERS = [
  ['a GPU', { vendor: 'amd', software: false, subgroups: false }],
  ['SwiftShader', { software: true, subgroups: true, subgroupSize: 4 }],
  ['a software adapter without quads', { software: true, subgroups: false }],
] as const;

test.each(ADAPTERS)('%s has the rungs of the ladder in both layers', async (_, adapter) => {
  const device = { ...PORTABLE_DEVICE, profile: profileOf(adapter) };
  const [inEarly, inLate] = [await planRungs(early, device), await planRungs(late, device)];
  expect([...inLate.keys()]).toEqual([...inEarly.keys()]);
  const kernels = [...inEarly.keys()].map(({ kernel }) => kernel);
  expect(kernels).toEqual(
    expect.arrayContaining(['conv2d-naive', 'conv2d-vec4', 'conv2d-staged', 'conv2d-workgroup', 'conv2d-split']),
  );
  expect(kernels.filter((kernel) => kernel === 'conv2d-tiled')).toHaveLength(3);
  for (const [rung, plan] of inEarly) {
    const { chosen } = plan.steps.find(({ node }) => node.op === 'conv2d')!;
    expect(chosen.kernel).toBe(rung.kernel);
    expect(loadsPerMultiplyAdd(rung, settingOf(plan))).toBeLessThanOrEqual(2);
  }
});

test('both layers take as many multiply-adds', () => {
  expect(graphStatistics(late).flops).toBe(graphStatistics(early).flops);
});

test('loads for each multiply-add follow from the tile, and from what Winograd saves', () => {
  const loads = (kernel: string, setting: string): number =>
    loadsPerMultiplyAdd(RUNGS.find((rung) => rung.kernel === kernel && setting.startsWith(rung.setting))!, setting);
  expect(loads('conv2d-naive', '')).toBe(2);
  expect(loads('conv2d-tiled', '4×8')).toBe(0.375);
  expect(loads('conv2d-workgroup', '32×32')).toBe(1 / 16);
  expect(loads('conv2d-split', '16 slices')).toBe(18 / 48);
  // 16 products in place of 36, of 1/8 + 1/8 loads; a transform loads each of the 16 numbers once for 64 products.
  expect(loads('conv2d-winograd', '8×8')).toBeCloseTo((16 / 36) * (1 / 4 + 2 / 64), 12);
});

test('rates are read without powers of ten', () => {
  expect(gigaflops(302e6, 2469)).toBe('0.122');
  expect(gigaflops(302e6, 0.0264)).toBe('11439');
});
