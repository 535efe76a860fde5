import { expect, test } from 'vitest';
import { PORTABLE_DEVICE, profileOf } from '../../src/gpu/adapter-profile';
import { boxGrid } from '../../src/gpu/grid';

test.each([
  ['NVIDIA', 'discrete'],
  ['amd', 'discrete'],
  ['intel', 'integrated'],
  ['apple', 'integrated'],
  ['', 'unknown'],
])('a GPU of vendor "%s" is %s', (vendor, kind) => {
  expect(profileOf({ vendor, software: false, subgroups: true })).toMatchObject({
    kind,
    software: false,
    quads: 'tried',
  });
});

test('quads come first where every subgroup is one, and are not compiled where there are none', () => {
  expect(profileOf({ software: true, subgroups: true, subgroupSize: 4 }).quads).toBe('first');
  expect(profileOf({ software: false, subgroups: true, subgroupSize: 4 }).quads).toBe('first');
  expect(profileOf({ software: false, subgroups: false, subgroupSize: 4 }).quads).toBe('never');
  expect(profileOf({ software: true, subgroups: true, subgroupSize: 8 }).quads).toBe('never');
});

test('Intel’s GPUs take the smallest subgroups where shaders may ask for them, else one column of weights', () => {
  const intel = { vendor: 'intel', software: false, subgroups: true };
  const limits = { ...PORTABLE_DEVICE.limits };
  const gridOf = (columns: number, smallestSubgroup?: number) =>
    boxGrid([columns, 20, 30], { profile: profileOf({ ...intel, smallestSubgroup }), limits });
  expect(gridOf(16)).toMatchObject({ constants: { WORKGROUP_X: 1 } });
  expect(gridOf(16).subgroupSize).toBeUndefined();
  expect(gridOf(16, 8)).toMatchObject({ constants: { WORKGROUP_X: 8 }, subgroupSize: 8 });
  // Whole subgroups along x, though some of them idle.
  expect(gridOf(3, 16)).toMatchObject({ constants: { WORKGROUP_X: 16 }, subgroupSize: 16 });
  expect(gridOf(1, 8)).toMatchObject({ constants: { WORKGROUP_X: 1 } });
  expect(gridOf(1, 8).subgroupSize).toBeUndefined();
});

test('Intel’s GPUs for little power need fewer invocations than those for high performance before they share out sums', () => {
  const needOf = (architecture: string) =>
    profileOf({ vendor: 'intel', architecture, software: false, subgroups: true, smallestSubgroup: 8 })
      .sharedSumInvocations;
  expect(['gen-12lp', 'xe-lpg', 'xe-2lpg'].map(needOf)).toEqual([2048, 2048, 2048]);
  expect(['gen-12hp', 'xe-2hpg', ''].map(needOf)).toEqual([8192, 8192, 8192]);
});

test('a software adapter is one whatever its vendor, and has slow barriers and compilers', () => {
  const profile = profileOf({ vendor: 'intel', software: true, subgroups: false });
  expect(profile).toMatchObject({ kind: 'software', software: true, slowBarriers: true, slowCompiler: true });
});

test.each([true, false])('workgroups of a box hold 64 invocations and cover it, software: %s', (software) => {
  const limits = {
    maxComputeWorkgroupSizeX: 256,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeWorkgroupsPerDimension: 65535,
  };
  for (const extents of [
    [1, 1, 1],
    [2, 1, 1],
    [3, 5, 7],
    [100, 1, 2],
    [9, 70, 1],
  ] as const) {
    const { workgroups, constants } = boxGrid(extents, { profile: profileOf({ software, subgroups: false }), limits });
    const size = [constants!.WORKGROUP_X, constants!.WORKGROUP_Y, constants!.WORKGROUP_Z ?? 1];
    expect(size[0] * size[1] * size[2]).toBe(64);
    for (const [axis, extent] of extents.entries())
      expect(workgroups[axis] * size[axis]).toBeGreaterThanOrEqual(extent);
  }
});
