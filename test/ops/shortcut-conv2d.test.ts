import fc from 'fast-check';
import { test } from 'vitest';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { testDevice } from '../support/gpu';
import { assertPassed, type KernelCase, runKernelCase } from '../support/kernel-case';

const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));

const anySizes: fc.Arbitrary<KernelCase<'shortcut-conv2d'>> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.tuple(...[40, 40, 20].map((max) => fc.integer({ min: 1, max }))),
    size: pair(9),
    // One of them, so that few pipelines are made.
    pool: fc.constantFrom([1, 1] as const, [2, 2] as const),
    stride: pair(3),
    rest: pair(2),
  })
  .map(({ batch, channels: [into, added, out], size: [height, width], pool, stride, rest }) => ({
    name: `${into} + ${added} → ${out} at ${height}×${width}, ${pool} by ${stride}`,
    op: 'shortcut-conv2d',
    attributes: { pool, stride, activation: NO_ACTIVATION },
    inputs: [
      [batch, into, height, width],
      [out, into, 3, 3],
      [out],
      // Pixels that no window reaches may be left over.
      [
        batch,
        added,
        (height - 1) * stride[0] + pool[0] + Math.min(rest[0], stride[0]) - 1,
        (width - 1) * stride[1] + pool[1] + Math.min(rest[1], stride[1]) - 1,
      ],
      [out, added, 1, 1],
    ],
  }));

test('shortcut-conv2d: any sizes and channels agree with the reference', async () => {
  const { acquired, pipelines } = await testDevice();
  await fc.assert(
    fc.asyncProperty(anySizes, async (testCase) => {
      assertPassed(testCase, await runKernelCase(acquired, pipelines, testCase));
    }),
    { numRuns: 8 },
  );
});
