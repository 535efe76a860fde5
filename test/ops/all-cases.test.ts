import { expect, it } from 'vitest';
import type { KernelCase } from '../support/kernel-case';
import { allCases } from './cases';

const files = import.meta.glob<Record<string, unknown>>(['./cases/*.ts', '!./cases/index.ts'], { eager: true });
const tests = Object.keys(import.meta.glob('./*.test.ts'));

const isCase = (value: unknown): value is KernelCase => typeof value === 'object' && value !== null && 'op' in value;

it.each(Object.entries(files))('%s is taken to every WebGPU implementation', (path, exports) => {
  const listed = new Set(allCases);
  const cases = Object.values(exports).flat().filter(isCase);
  expect(cases.length).toBeGreaterThan(0);
  expect(cases.filter((testCase) => !listed.has(testCase)).map(({ name }) => name)).toEqual([]);
  expect(tests).toContain(path.replace('cases/', '').replace(/\.ts$/, '.test.ts'));
});
