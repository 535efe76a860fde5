import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { profileOf } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import * as records from '../../src/operators/records';
import { caseGraph } from '../support/kernel-case';
import { allCases } from './cases';

/** What every device has. */
const limits = {
  maxComputeWorkgroupSizeX: 256,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
  maxBufferSize: 2 ** 28,
};

/** Shaders that are no operator's, and the tests that hold them to their references. */
const OTHERS: Readonly<Record<string, string>> = {
  picture: 'test/tasks/picture-input.test.ts',
  'picture-external': 'test/browser',
  'segment-mask': 'test/tasks',
  draw: 'test/browser',
};

test('every operator has kernel cases', () => {
  expect(new Set(allCases.map(({ op }) => op))).toEqual(new Set(Object.keys(records)));
});

test('a kernel case with a tolerance of its own says why', () => {
  expect(allCases.filter(({ tolerance, reason }) => (tolerance === undefined) !== (reason === undefined))).toEqual([]);
});

test('the kernel cases reach every shader of an operator', async () => {
  const reached = new Set<string>();
  for (const testCase of allCases) {
    const { graph } = caseGraph(testCase);
    const kernels = await loadKernels(graph);
    for (const [software, subgroups] of [
      [false, true],
      [true, false],
      [false, false],
    ]) {
      const plan = makePlan(graph, kernels, {
        precision: 'f32',
        device: { profile: profileOf({ software, subgroups }), limits },
      });
      for (const { candidates } of plan.steps) {
        for (const { dispatches } of candidates) for (const { shader } of dispatches) reached.add(shader.name);
      }
    }
  }
  const shaders = readdirSync('shaders').flatMap((file) => (file.endsWith('.wgsl') ? [file.slice(0, -5)] : []));
  const stem = (name: string): string => Object.keys(OTHERS).find((other) => name.startsWith(other)) ?? name;
  expect(shaders.filter((name) => !(stem(name) in OTHERS) && !reached.has(name))).toEqual([]);
});
