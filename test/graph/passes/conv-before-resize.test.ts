import { test } from 'vitest';
import { convBeforeResize } from '../../../src/graph/passes/conv-before-resize';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import type { Pass } from '../../../src/graph/passes/pass';
import { expectPass, type Net, REPEATING } from '../../support/rewrites';

const LINEAR = { ...REPEATING, mode: 'linear' } as const;

test('a 1×1 convolution goes ahead of the enlargement that it reads', () => {
  const moved = ['conv2d(x) -> narrow/small', 'resize2d(narrow/small) -> narrow'];
  for (const resize of [LINEAR, REPEATING, { ...REPEATING, mode: 'cubic', coordinates: 'half-pixel' } as const]) {
    const build = (net: Net, x: string): string => net.conv(net.resize(x, [10, 9], resize, 'large'), 3, 'narrow', 1, 1);
    expectPass(convBeforeResize, build, moved);
  }
});

test('it stays where it would see no fewer pixels or channels, or is more than a sum', () => {
  const size = (net: Net, x: string): string => net.resize(x, [10, 9], LINEAR, 'large');
  const stays = (build: (net: Net, x: string) => string, last: readonly string[]): void => {
    const pass: Pass = (graph) => convBeforeResize(fuseActivation(fuseResidual(graph)));
    expectPass(pass, build, ['resize2d(x) -> large', ...last]);
  };
  stays((net, x) => net.conv(net.resize(x, [3, 4], LINEAR, 'large'), 3, 'y', 1, 1), ['conv2d(large) -> y']);
  stays((net, x) => net.conv(size(net, x), 5, 'y', 1, 1), ['conv2d(large) -> y']);
  stays((net, x) => net.conv(size(net, x), 3, 'y'), ['conv2d(large) -> y']);
  stays((net, x) => net.conv(size(net, x), 4, 'y', 4, 1), ['conv2d(large) -> y']);
  stays((net, x) => net.unary(net.conv(size(net, x), 3, 'y', 1, 1), 'relu'), ['conv2d relu(large) -> relu']);
  stays(
    (net, x) => {
      const large = size(net, x);
      return net.binary(net.conv(large, 4, 'y', 1, 1), large, 'mul');
    },
    ['conv2d(large) -> y', 'binary mul(y, large) -> mul'],
  );
});
