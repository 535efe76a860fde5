import { test } from 'vitest';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import { fuseShortcut } from '../../../src/graph/passes/fuse-shortcut';
import type { Pass, Target } from '../../../src/graph/passes/pass';
import type { Pair } from '../../../src/operators/window';
import { expectPass, type Net, plain, window2 } from '../../support/rewrites';

const GPU = { software: false, sharedSumInvocations: 64 };

const passFor =
  (target: Target): Pass =>
  (graph) =>
    fuseShortcut(target)(fuseActivation(fuseResidual(graph)));

interface Block {
  readonly projectedFirst?: boolean;
  readonly pooled?: boolean;
  readonly stride?: Pair;
  readonly ceilMode?: boolean;
}

/** A residual block over [2, 4, 5, 6] whose picture shrinks to half and whose channels become six. */
const block =
  ({ projectedFirst = true, pooled = true, stride = [2, 2], ceilMode = false }: Block = {}) =>
  (net: Net, x: string): string => {
    const [shortcut] = pooled ? net.add('max-pool2d', [x], { ...window2, ceilMode }, 'pool') : [x];
    const weight = () => net.weights([6, 4, 1, 1]);
    const step = { ...plain, padding: [0, 0, 0, 0], stride: pooled ? ([1, 1] as const) : stride } as const;
    const [projected] = net.add('conv2d', [shortcut, weight(), net.weights([6])], step, 'projection');
    const [small] = net.add('average-pool2d', [x], { ...window2, ceilMode, countIncludePad: false }, 'small');
    const body = net.conv(pooled || stride[0] === 2 ? small : x, 6, 'body');
    const terms = projectedFirst ? ([projected, body] as const) : ([body, projected] as const);
    return net.unary(net.binary(...terms, 'add'), 'relu');
  };
const before = ['average-pool2d(x) -> small'];

test('a projected shortcut is added by the convolution behind it, with the maxima that it reads', () => {
  for (const projectedFirst of [true, false]) {
    expectPass(passFor(GPU), block({ projectedFirst }), [...before, 'shortcut-conv2d relu(small, x) -> relu']);
  }
});

test('a shortcut of every second pixel, or of all, is projected by the convolution', () => {
  const even = (net: Net, x: string): string => {
    // [2, 4, 5, 6] to [2, 4, 4, 6].
    const [cut] = net.add('slice', [x], { starts: [0, 0, 0, 0], sizes: [2, 4, 4, 6], steps: [1, 1, 1, 1] }, 'cut');
    return block({ pooled: false })(net, cut);
  };
  expectPass(passFor(GPU), even, [
    'slice(x) -> cut',
    'average-pool2d(cut) -> small',
    'shortcut-conv2d relu(small, cut) -> relu',
  ]);
  expectPass(passFor(GPU), block({ pooled: false, stride: [1, 1] }), [...before, 'shortcut-conv2d relu(x, x) -> relu']);
});

test('launches stay apart where the adapter is full, computes on the CPU, or shares weights in subgroups', () => {
  const apart = [
    'max-pool2d(x) -> pool',
    'conv2d(pool) -> projection',
    ...before,
    'conv2d relu before-activation(small, projection) -> relu',
  ];
  for (const target of [
    { ...GPU, sharedSumInvocations: 1 },
    { ...GPU, software: true },
    { ...GPU, subgroupSize: 8 },
  ]) {
    expectPass(passFor(target), block(), apart);
  }
});

test('a shortcut that somebody else reads stays, and one whose windows reach past the picture keeps its maxima', () => {
  const readTwice = (net: Net, x: string): string => {
    const y = block()(net, x);
    return net.binary(y, net.unary('projection', 'abs', 'other'), 'add', 'sum');
  };
  expectPass(passFor(GPU), readTwice, [
    'max-pool2d(x) -> pool',
    'conv2d(pool) -> projection',
    ...before,
    'conv2d relu before-activation(small, projection) -> relu',
    'unary abs(projection) -> other',
    'binary add(relu, other) -> sum',
  ]);
  expectPass(passFor(GPU), block({ ceilMode: true }), [
    'max-pool2d(x) -> pool',
    ...before,
    'shortcut-conv2d relu(small, pool) -> relu',
  ]);
});
