import { test } from 'vitest';
import { fuseGates } from '../../../src/graph/passes/fuse-gates';
import { expectPass, type Net } from '../../support/rewrites';

test('written-out gates become one activation', () => {
  expectPass(fuseGates, (net, x) => net.binary(x, net.unary(x, 'sigmoid'), 'mul'), ['unary silu(x) -> mul']);
  const clipped = (net: Net, x: string): string => net.unary(net.binary(x, net.scalar(3), 'add'), 'clip', 'clip', 0, 6);
  expectPass(fuseGates, (net, x) => net.binary(clipped(net, x), net.scalar(6), 'div'), [
    'unary hard-sigmoid(x) -> div',
  ]);
  expectPass(
    fuseGates,
    (net, x) => net.binary(x, net.binary(clipped(net, x), net.scalar(1 / 6), 'mul', 'gate'), 'mul'),
    ['unary hard-swish(x) -> mul'],
  );
  expectPass(
    fuseGates,
    (net, x) => net.binary(net.binary(x, clipped(net, x), 'mul', 'product'), net.scalar(6), 'div'),
    ['unary hard-swish(x) -> div'],
  );
});
