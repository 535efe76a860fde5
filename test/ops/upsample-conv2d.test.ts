import fc from 'fast-check';
import { test } from 'vitest';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { testDevice } from '../support/gpu';
import { assertPassed, type KernelCase, runKernelCase } from '../support/kernel-case';

const anySizes: fc.Arbitrary<KernelCase<'upsample-conv2d'>> = fc
  .record({
    mode: fc.constantFrom('nearest', 'linear'),
    batch: fc.integer({ min: 1, max: 2 }),
    low: fc.integer({ min: 1, max: 40 }),
    skip: fc.integer({ min: 0, max: 40 }),
    out: fc.integer({ min: 9, max: 20 }),
    size: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 })),
  })
  .map(({ mode, batch, low, skip, out, size: [height, width] }) => ({
    name: `${mode}, ${low} + ${skip} → ${out} at ${height}×${width}`,
    op: 'upsample-conv2d',
    attributes: { mode, activation: NO_ACTIVATION },
    inputs: [
      [batch, low, height, width],
      [out, low + skip, 3, 3],
      [out],
      ...(skip > 0 ? [[batch, skip, 2 * height, 2 * width]] : []),
    ],
  }));

test('upsample-conv2d: any sizes and channels agree with the reference', async () => {
  const { acquired, pipelines } = await testDevice();
  await fc.assert(
    fc.asyncProperty(anySizes, async (testCase) => {
      assertPassed(testCase, await runKernelCase(acquired, pipelines, testCase));
    }),
    { numRuns: 8 },
  );
});
