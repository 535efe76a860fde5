import { test } from 'vitest';
import { fuseBias } from '../../../src/graph/passes/fuse-bias';
import { expectPass } from '../../support/rewrites';

test('constants per channel go into weights and bias, from either side', () => {
  expectPass(
    fuseBias,
    (net, x) => {
      const scaled = net.binary(net.conv(x, 4, 'conv'), net.weights([4, 1, 1]), 'mul');
      const shifted = net.binary(net.weights([1, 4, 1, 1]), scaled, 'sub', 'shifted');
      return net.binary(shifted, net.scalar(3), 'div');
    },
    ['conv2d(x) -> div'],
  );
});

test('a constant per column is no bias', () => {
  expectPass(fuseBias, (net, x) => net.binary(net.conv(x, 4, 'conv'), net.weights([6]), 'add'), [
    'conv2d(x) -> conv',
    'binary add(conv) -> add',
  ]);
});
