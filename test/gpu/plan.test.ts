import { expect, test } from 'vitest';
import { UnsupportedOperatorError } from '../../src/errors';
import { PORTABLE_DEVICE } from '../../src/gpu/adapter-profile';
import type { Candidate } from '../../src/gpu/kernel';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import { plannedMemory } from '../../src/gpu/planned-memory';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { Tensor } from '../../src/tensor';

test('every node that no kernel runs is named, with the reason', async () => {
  const net = new GraphBuilder('odd');
  const x = net.input('x', new Array<number>(9).fill(2));
  // Nine axes in reverse leave no two that one step covers.
  const [reversed] = net.add('transpose', [x], { permutation: [8, 7, 6, 5, 4, 3, 2, 1, 0] }, 'reversed');
  const [added] = net.add('binary', [reversed, x], { fn: 'add' }, 'added');
  // Every other axis is kept: five runs of them.
  const [sums] = net.add('reduce', [added], { fn: 'sum', axes: [1, 3, 5, 7], keepDims: true }, 'sums');
  const wide = net.input('wide', new Array<number>(11).fill(1));
  const [product] = net.add('matmul', [wide, wide], {}, 'product');
  const graph = net.build([sums, product]);
  const kernels = await loadKernels(graph);
  const plan = (): unknown => makePlan(graph, kernels, { precision: 'f32', device: PORTABLE_DEVICE });
  expect(plan).toThrow(UnsupportedOperatorError);
  expect(plan).toThrow(
    /transpose "reversed": \[2, .*\] takes a walk over 9 axes, more than 8; .*reduce "sums": no kernel fits.*; matmul "product": it has 9 leading axes, and the kernels know 8/,
  );
});

test('a transpose writes the layout that its first reader wants, and others get a copy', async () => {
  const stepsOf = async (isReadFirst: boolean): Promise<string[]> => {
    const net = new GraphBuilder('channels last');
    const [first] = net.add('transpose', [net.input('x', [1, 8, 9, 3])], { permutation: [0, 3, 1, 2] }, 'first');
    const weight = net.constant('w', Tensor.float32([8, 3, 1, 1]));
    const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
    const flatten = (): string[] => net.add('softmax', [first], { axis: 3, log: false }, 'rows');
    const before = isReadFirst ? flatten() : [];
    const inputs = [first, weight, net.constant('b', Tensor.float32([8]))];
    const conv = net.add('conv2d', inputs, { ...NO_EPILOGUE, ...window }, 'y');
    const graph = net.build([...conv, ...before]);
    const plan = makePlan(graph, await loadKernels(graph), { precision: 'f32', device: PORTABLE_DEVICE });
    return plan.steps.map(({ node }) => node.op);
  };
  expect(await stepsOf(false)).toEqual(['transpose', 'conv2d']);
  expect(await stepsOf(true)).toEqual(['transpose', 'softmax', 'transpose', 'conv2d']);
});

test('filters that stay float32 beside float16 are planned as such', async () => {
  const net = new GraphBuilder('wide');
  const weight = net.constant('w', Tensor.float32([16, 16, 3, 3]));
  const bias = net.constant('b', Tensor.float32([16]));
  const window = { stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;
  const x = net.input('x', [1, 16, 8, 8]);
  const graph = net.build(net.add('conv2d', [x, weight, bias], { ...NO_EPILOGUE, ...window }, 'y'));
  const kernels = await loadKernels(graph);
  const bytes = (kernel: string): number => {
    const choose = (candidates: readonly Candidate[]) => candidates.find((c) => c.kernel === kernel)!;
    return plannedMemory(makePlan(graph, kernels, { precision: 'f16', device: PORTABLE_DEVICE, choose })).weightBytes;
  };
  // 16 or 36 numbers for each of 16 × 16 filters; the bias of 16 numbers takes an aligned 256 bytes.
  expect(bytes('conv2d-winograd')).toBe(16 * 16 * 16 * 2 + 256);
  expect(bytes('conv2d-winograd4')).toBe(36 * 16 * 16 * 4 + 256);
});

test('Winograd is loaded for a graph that it may pay for, and chosen there', async () => {
  const first = async (channels: number): Promise<string[]> => {
    const net = new GraphBuilder('wide');
    const weight = net.constant('w', Tensor.float32([channels, channels, 3, 3]));
    const bias = net.constant('b', Tensor.float32([channels]));
    const window = { stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;
    const x = net.input('x', [1, channels, 80, 80]);
    const graph = net.build(net.add('conv2d', [x, weight, bias], { ...NO_EPILOGUE, ...window }, 'y'));
    const kernels = await loadKernels(graph, PORTABLE_DEVICE.profile);
    const { steps } = makePlan(graph, kernels, { precision: 'f32', device: PORTABLE_DEVICE });
    return steps.flatMap(({ chosen, candidates }) => [chosen.kernel, ...candidates.map(({ kernel }) => kernel)]);
  };
  expect((await first(192))[0]).toBe('conv2d-winograd');
  expect(await first(128)).not.toContain('conv2d-winograd');
});
