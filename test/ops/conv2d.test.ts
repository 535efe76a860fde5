import fc from 'fast-check';
import { expect, test } from 'vitest';
import { profileOf } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { F2, transformFilter, type WinogradScheme } from '../../src/gpu/kernels/conv2d-winograd';
import { F4 } from '../../src/gpu/kernels/conv2d-winograd4';
import { F6 } from '../../src/gpu/kernels/conv2d-winograd6';
import { makePlan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import { expectClose } from '../support/expect-close';
import { testDevice } from '../support/gpu';
import { assertPassed, type KernelCase, lossOf, runKernelCase } from '../support/kernel-case';
import { Random } from '../support/random';
import { testCases } from '../support/test-cases';
import { cases } from './cases/conv2d';

testCases(cases);

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

test('conv2d: any window, padding and groups agree with the reference, tiled for any adapter', async () => {
  const { acquired, pipelines } = await testDevice();
  const { report, device: gpu } = acquired;
  // Whatever subgroups there are, shaders may ask for the smallest.
  const controlled = gpu.features.has('subgroup-size-control' as GPUFeatureName);
  const smallestSubgroup = controlled ? gpu.adapterInfo.subgroupMinSize : undefined;
  const intel = { ...report, vendor: 'intel', software: false };
  const profiles = [
    acquired.traits.profile,
    profileOf({ ...report, software: !report.software }),
    profileOf(intel),
    profileOf({ ...intel, smallestSubgroup }),
  ];
  await fc.assert(
    // Grids and tiles differ between adapters: this adapter runs all of them.
    fc.asyncProperty(anyConvolution, fc.constantFrom(...profiles), async (testCase, profile) => {
      const device = { ...acquired, traits: { ...acquired.traits, profile } };
      assertPassed(testCase, await runKernelCase(device, pipelines, testCase));
    }),
    { numRuns: 12 },
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
  const kernels = await loadKernels(graph);
  const inputs = { x: new Random(6).tensor([2, 6, 5, 7]) };
  const expected = runReference(graph, inputs);
  const options = { precision: 'f32', device: acquired.traits } as const;
  const { steps } = makePlan(graph, kernels, options);
  const most = Math.max(...steps.map(({ candidates }) => candidates.length));
  for (let choice = 0; choice < most; choice++) {
    const plan = makePlan(graph, kernels, { ...options, choose: (all) => all[Math.min(choice, all.length - 1)] });
    const copies = plan.steps.filter(({ node, chosen }) => node.op !== 'conv2d' && chosen.dispatches.length > 0);
    expect(copies.map(({ node }) => node.name)).toEqual([]);
    const session = await Session.create(acquired.device, pipelines, plan);
    const actual = await session.run(inputs);
    session.dispose();
    // Three layers of up to 480 products each.
    const ofLargest = Math.max(...plan.steps.map(({ chosen }) => lossOf(chosen.kernel))) * 2 ** -18;
    for (const output of graph.outputs) expectClose(actual.get(output)!, expected.get(output)!, { ofLargest });
  }
});

type Matrix = readonly (readonly number[])[];

/** Bᵀ and Aᵀ of F(m×m, 3×3) as in the shaders, and the filters' transform. */
const WINOGRAD: readonly { scheme: WinogradScheme; input: Matrix; output: Matrix }[] = [
  {
    scheme: F2,
    input: [
      [1, 0, -1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, 1, 0, -1],
    ],
    output: [
      [1, 1, 1, 0],
      [0, 1, -1, -1],
    ],
  },
  {
    scheme: F4,
    input: [
      [4, 0, -5, 0, 1, 0],
      [0, -4, -4, 1, 1, 0],
      [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0],
      [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ],
    output: [
      [1, 1, 1, 1, 1, 0],
      [0, 1, -1, 2, -2, 0],
      [0, 1, 1, 4, 4, 0],
      [0, 1, -1, 8, -8, 1],
    ],
  },
  {
    scheme: F6,
    input: [
      [1, 0, -5.25, 0, 5.25, 0, -1, 0],
      [0, 1, 1, -4.25, -4.25, 1, 1, 0],
      [0, -1, 1, 4.25, -4.25, -1, 1, 0],
      [0, 0.5, 0.25, -2.5, -1.25, 2, 1, 0],
      [0, -0.5, 0.25, 2.5, -1.25, -2, 1, 0],
      [0, 2, 4, -2.5, -5, 0.5, 1, 0],
      [0, -2, 4, 2.5, -5, -0.5, 1, 0],
      [0, -1, 0, 5.25, 0, -5.25, 0, 1],
    ],
    output: [0, 1, 2, 3, 4, 5].map((i) => [
      ...[0, 1, -1, 2, -2, 0.5, -0.5].map((point) => point ** i),
      i === 5 ? 1 : 0,
    ]),
  },
];

test.each(WINOGRAD)(
  'conv2d: Winograd over patches of $input.length makes what the sum over the window makes',
  ({ scheme, input, output }) => {
    const n = input.length;
    const rows = (m: Matrix, d: Matrix): number[][] =>
      m.map((row) => d[0].map((_, j) => row.reduce((sum, value, k) => sum + value * d[k][j], 0)));
    const flip = (d: Matrix): number[][] => d[0].map((_, j) => d.map((row) => row[j]));
    const both = (m: Matrix, d: Matrix): number[][] => flip(rows(m, flip(rows(m, d))));
    const filter = [3, -1, 4, 1, -5, 9, 2, -6, 5];
    const transformed = transformFilter(scheme, filter, 0);
    const patch = input.map((_, i) => input.map((_, j) => (7 * i + 3 * j * j) % 11));
    const product = both(input, patch).map((row, i) => row.map((value, j) => value * transformed[n * i + j]));
    const made = both(output, product);
    for (let i = 0; i < n - 2; i++) {
      for (let j = 0; j < n - 2; j++) {
        const sum = filter.reduce((total, value, k) => total + value * patch[i + Math.floor(k / 3)][j + (k % 3)], 0);
        expect(made[i][j]).toBeCloseTo(sum, 9);
      }
    }
  },
);
