import { expect, test } from 'vitest';
import { testDevice } from './gpu';
import { assertPassed, type KernelCase, runKernelCase } from './kernel-case';

const { acquired, pipelines } = await testDevice();
const precisions = acquired.report.shaderF16 ? (['f32', 'f16'] as const) : (['f32'] as const);

/** One test for each case and each precision that the device of this lane has. */
export function testCases(cases: readonly KernelCase[]): void {
  for (const precision of precisions) {
    for (const testCase of cases) {
      test(`${testCase.op}: ${testCase.name} (${precision})`, async ({ task }) => {
        task.meta.kernelCase = { implementation: `Dawn in Node on ${acquired.report.name}`, precision };
        const results = await runKernelCase(acquired, pipelines, testCase, precision);
        assertPassed(testCase, results);
        expect(results.length).toBeGreaterThan(0);
      });
    }
  }
}
