import { test } from 'vitest';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import type { Pass } from '../../../src/graph/passes/pass';
import { expectPass } from '../../support/rewrites';

test('a residual is added by the convolution, before its activation', () => {
  const pass: Pass = (graph) => fuseActivation(fuseResidual(graph));
  expectPass(pass, (net, x) => net.unary(net.binary(net.conv(x, 4, 'conv'), x, 'add'), 'relu'), [
    'conv2d relu before-activation(x, x) -> relu',
  ]);
});

test('a residual after the activation stays after it', () => {
  const pass: Pass = (graph) => fuseResidual(fuseActivation(graph));
  expectPass(pass, (net, x) => net.binary(x, net.unary(net.conv(x, 4, 'conv'), 'silu', 'silu', 1), 'add'), [
    'conv2d silu after-activation(x, x) -> add',
  ]);
});

test('of two convolutions that are added, one takes the other as residual', () => {
  expectPass(fuseResidual, (net, x) => net.binary(net.conv(x, 4, 'a'), net.conv(x, 4, 'b'), 'add'), [
    'conv2d(x) -> a',
    'conv2d before-activation(x, a) -> add',
  ]);
});

test('a broadcast sum is no residual', () => {
  expectPass(
    fuseResidual,
    (net, x) => net.binary(net.conv(x, 4, 'conv'), net.add('global-pool2d', [x], { fn: 'mean' }, 'pool')[0], 'add'),
    ['conv2d(x) -> conv', 'global-pool2d mean(x) -> pool', 'binary add(conv, pool) -> add'],
  );
});
