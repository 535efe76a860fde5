import { test } from 'vitest';
import { composePointwise } from '../../../src/graph/passes/compose-pointwise';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import type { Pass } from '../../../src/graph/passes/pass';
import { expectPass, type Net } from '../../support/rewrites';

const one = (net: Net, x: string, channels: number, name: string): string => net.conv(x, channels, name, 1, 1);

test('1×1 convolutions in a row are one, where that is less arithmetic', () => {
  expectPass(composePointwise, (net, x) => one(net, one(net, x, 3, 'a'), 5, 'b'), ['conv2d(x) -> b']);
  expectPass(composePointwise, (net, x) => one(net, one(net, one(net, x, 8, 'a'), 6, 'b'), 3, 'c'), ['conv2d(x) -> c']);
});

test('what comes behind the second stays', () => {
  const pass: Pass = (graph) => composePointwise(fuseActivation(fuseResidual(graph)));
  const build = (net: Net, x: string): string =>
    net.unary(net.binary(one(net, one(net, x, 6, 'a'), 4, 'b'), x, 'add'), 'relu');
  expectPass(pass, build, ['conv2d relu before-activation(x, x) -> relu']);
});

test('two stay two around a bottleneck, an activation, a sum, or where the first has another reader', () => {
  const stays = (build: (net: Net, x: string) => string, after: readonly string[]): void =>
    expectPass((graph) => composePointwise(fuseActivation(fuseResidual(graph))), build, after);
  stays((net, x) => one(net, one(net, x, 1, 'a'), 4, 'b'), ['conv2d(x) -> a', 'conv2d(a) -> b']);
  stays(
    (net, x) => one(net, net.unary(one(net, x, 6, 'a'), 'relu'), 4, 'b'),
    ['conv2d relu(x) -> relu', 'conv2d(relu) -> b'],
  );
  stays(
    (net, x) => one(net, net.binary(one(net, x, 4, 'a'), x, 'add'), 4, 'b'),
    ['conv2d before-activation(x, x) -> add', 'conv2d(add) -> b'],
  );
  stays(
    (net, x) => {
      const a = one(net, x, 4, 'a');
      return net.binary(one(net, a, 4, 'b'), a, 'mul');
    },
    ['conv2d(x) -> a', 'conv2d(a) -> b', 'binary mul(b, a) -> mul'],
  );
  stays((net, x) => net.conv(one(net, x, 6, 'a'), 4, 'b'), ['conv2d(x) -> a', 'conv2d(a) -> b']);
  stays((net, x) => one(net, net.conv(x, 6, 'a'), 4, 'b'), ['conv2d(x) -> a', 'conv2d(a) -> b']);
  stays((net, x) => net.conv(one(net, x, 6, 'a'), 4, 'b', 2, 1), ['conv2d(x) -> a', 'conv2d(a) -> b']);
});
