import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { profileOf } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import { defineShader } from '../../src/gpu/shader';
import * as records from '../../src/operators/records';
import { caseGraph } from '../support/kernel-case';
import { listShaders } from '../support/shaders';
import { allCases } from './cases';

/** The limits that every device has. */
const limits = {
  maxComputeWorkgroupSizeX: 256,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
  maxBufferSize: 2 ** 28,
};

/** A GPU with subgroups, one with a size of them to ask for, and one without any, SwiftShader, and lavapipe. */
const ADAPTERS = [
  { software: false, subgroups: true },
  { software: false, subgroups: true, vendor: 'intel', smallestSubgroup: 8 },
  { software: false, subgroups: false },
  { software: true, subgroups: true, subgroupSize: 4 },
  { software: true, subgroups: false },
];

/** Shaders that belong to no operator, and the tests that compare them with their references. */
const OTHERS: Readonly<Record<string, string>> = {
  picture: 'test/tasks/picture-input.test.ts',
  'picture-filtered': 'test/heads/pillow.test.ts',
  'picture-external': 'test/browser',
  'crop-boxes': 'test/tasks/crop-pipeline.test.ts',
  'segment-mask': 'test/tasks',
  draw: 'test/browser',
};

test('every operator has kernel cases', () => {
  expect(new Set(allCases.map(({ op }) => op))).toEqual(new Set(Object.keys(records)));
});

test('a kernel case with a tolerance of its own says why', () => {
  expect(allCases.filter(({ tolerance, reason }) => (tolerance === undefined) !== (reason === undefined))).toEqual([]);
});

/** The shaders, and the register tiles of each shader that lists several, that the cases run on some adapter. */
async function reach() {
  const shaders = new Set<string>();
  const tiles = new Map<string, Set<string>>();
  for (const testCase of allCases) {
    const { graph } = caseGraph(testCase);
    const kernels = await loadKernels(graph);
    for (const adapter of ADAPTERS) {
      const device = { profile: profileOf(adapter), limits };
      const plan = makePlan(graph, kernels, { precision: 'f32', device });
      const candidates = plan.steps.flatMap((step) => step.candidates);
      for (const { shader, constants } of candidates.flatMap(({ dispatches }) => dispatches)) {
        shaders.add(shader.name);
        if (shader.tiles.length === 0) continue;
        const { PIXELS = constants.PIXEL_GROUPS, BLOCKS } = constants;
        tiles.set(shader.name, (tiles.get(shader.name) ?? new Set()).add(`${PIXELS}×${BLOCKS}`));
      }
    }
  }
  return { shaders, tiles };
}

const reached = reach();

test('the kernel cases reach every shader of an operator', async () => {
  const { shaders } = await reached;
  const isOther = (name: string): boolean => Object.keys(OTHERS).some((other) => name.startsWith(other));
  const files = readdirSync('shaders').filter((file) => file.endsWith('.wgsl'));
  const names = files.map((file) => file.slice(0, -'.wgsl'.length));
  expect(names.filter((name) => !isOther(name) && !shaders.has(name))).toEqual([]);
});

test('the kernel cases run every tile that a shader lists, and kernels ask a shader for no other', async () => {
  const { tiles } = await reached;
  const listed = listShaders()
    .map(({ name, source }) => defineShader(name, source))
    .filter((shader) => shader.tiles.length > 0)
    .map((shader) => [shader.name, new Set(shader.tiles.map(({ pixels, blocks }) => `${pixels}×${blocks}`))] as const);
  expect(new Map(tiles)).toEqual(new Map(listed));
});
