import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadKernels } from '../../src/gpu/kernels';
import { transformFilter } from '../../src/gpu/kernels/conv2d-winograd';
import { makePlan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_EPILOGUE } from '../../src/graph/operators';
import { runReference } from '../../src/reference';
import { testDevice } from '../support/gpu';
import { assertPassed, type KernelCase, runKernelCase } from '../support/kernel-case';
import { Random } from '../support/random';
import { testCases } from '../support/test-cases';
import { conv2dCases } from './cases/conv2d';

testCases(conv2dCases);

const small = fc.integer({ min: 1, max: 3 });
const side = fc.integer({ min: 0, max: 3 });

/** Any window that fits into its padded picture. */
const anyConvolution: fc.Arbitrary<KernelCase<'conv2d'>> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: small,
    groupIn: fc.integer({ min: 1, max: 9 }),
    groupOut: fc.integer({ min: 1, max: 9 }),
    extra: fc.tuple(fc.nat(6), fc.nat(9)),
    kernel: fc.tuple(small, small),
    stride: fc.tuple(small, small),
    dilation: fc.tuple(small, small),
    padding: fc.tuple(side, side, side, side),
  })
  .map(({ batch, groups, groupIn, groupOut, extra, kernel, stride, dilation, padding }) => {
    const size = (axis: 0 | 1): number => dilation[axis] * (kernel[axis] - 1) + 1 + extra[axis];
    const outputs = groups * groupOut;
    return {
      name: `${groups} groups of ${groupIn}→${groupOut}`,
      op: 'conv2d',
      attributes: { ...NO_EPILOGUE, stride, dilation, padding, groups },
      inputs: [[batch, groups * groupIn, size(0), size(1)], [outputs, groupIn, ...kernel], [outputs]],
    };
  });

test('conv2d: any window, padding and groups agree with the reference, tiled for GPUs or for software', async () => {
  const { acquired, pipelines } = await testDevice();
  await fc.assert(
    // Grids and tiles differ between GPUs and software adapters: both are tried on whatever adapter there is.
    fc.asyncProperty(anyConvolution, fc.boolean(), async (testCase, software) => {
      const device = { ...acquired, traits: { ...acquired.traits, software } };
      assertPassed(testCase, await runKernelCase(device, pipelines, testCase));
    }),
    { numRuns: 8 },
  );
});

/** Convolutions that write parts of a concatenation and read parts of a split. */
function graphOfViews(): Graph {
  const random = new Random(5);
  const builder = new GraphBuilder('views');
  const conv = (x: string, from: number, to: number, size: number, groups = 1, residual: string[] = []): string => {
    const pad = (size - 1) / 2;
    const weight = builder.constant(`w${x}${to}${size}`, random.tensor([to, from / groups, size, size]));
    const bias = builder.constant(`b${x}${to}${size}`, random.tensor([to]));
    return builder.add('conv2d', [x, weight, bias, ...residual], {
      ...NO_EPILOGUE,
      stride: [1, 1],
      dilation: [1, 1],
      padding: [pad, pad, pad, pad],
      groups,
      residual: residual.length > 0 ? 'before-activation' : 'none',
    })[0];
  };
  const x = builder.input('x', [2, 6, 5, 7], 'float32');
  const [both] = builder.add('concat', [conv(x, 6, 16, 3), conv(x, 6, 8, 1), conv(x, 6, 6, 5)], { axis: 1 });
  const [first, second] = builder.add('split', [conv(both, 30, 32, 1)], { axis: 1, sizes: [16, 16] });
  return builder.build([
    conv(second, 16, 16, 3, 1, [first]),
    conv(second, 16, 16, 1, 1, [first]),
    conv(second, 16, 16, 5, 16, [first]),
  ]);
}

test('conv2d: every variant writes into concatenations and reads out of splits without a copy', async () => {
  const { acquired, pipelines } = await testDevice();
  const graph = graphOfViews();
  await loadKernels(graph);
  const inputs = { x: new Random(6).tensor([2, 6, 5, 7]) };
  const expected = runReference(graph, inputs);
  const options = { precision: 'f32', device: acquired.traits } as const;
  const { steps } = makePlan(graph, options);
  const most = Math.max(...steps.map(({ candidates }) => candidates.length));
  for (let choice = 0; choice < most; choice++) {
    const plan = makePlan(graph, { ...options, choose: (all) => all[Math.min(choice, all.length - 1)] });
    const copies = plan.steps.filter(({ node, chosen }) => node.op !== 'conv2d' && chosen.dispatches.length > 0);
    expect(copies.map(({ node }) => node.name)).toEqual([]);
    const session = await Session.create(acquired.device, pipelines, plan);
    const actual = await session.run(inputs);
    session.dispose();
    for (const output of graph.outputs) {
      const want = expected.get(output)!.data;
      const scale = Math.max(...Array.from(want, Math.abs));
      const error = Math.max(...actual.get(output)!.data.map((value, i) => Math.abs(value - want[i])));
      // Three layers of up to 480 products each, Winograd among them: 2⁻¹⁸ of the largest magnitude.
      expect(error).toBeLessThan(scale * 2 ** -18);
    }
  }
});

test('conv2d: the filter of Winograd that copies its middle pixel does so after the transforms', () => {
  // Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A for the filter δ in the middle and the patch d = 1..16 is d's middle.
  const transformed = transformFilter([0, 0, 0, 0, 1, 0, 0, 0, 0], 0);
  const rows = (m: readonly (readonly number[])[], d: readonly number[][]): number[][] =>
    m.map((row) => d[0].map((_, j) => row.reduce((sum, value, k) => sum + value * d[k][j], 0)));
  const flip = (d: readonly number[][]): number[][] => d[0].map((_, j) => d.map((row) => row[j]));
  const both = (m: readonly (readonly number[])[], d: readonly number[][]): number[][] =>
    flip(rows(m, flip(rows(m, d))));
  const input = [
    [1, 0, -1, 0],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
    [0, 1, 0, -1],
  ];
  const output = [
    [1, 1, 1, 0],
    [0, 1, -1, -1],
  ];
  const patch = [0, 1, 2, 3].map((i) => [1, 2, 3, 4].map((j) => 4 * i + j));
  const product = both(input, patch).map((row, i) => row.map((value, j) => value * transformed[4 * i + j]));
  expect(both(output, product)).toEqual([
    [6, 7],
    [10, 11],
  ]);
});
