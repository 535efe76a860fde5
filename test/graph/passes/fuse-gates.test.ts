import { test } from 'vitest';
import { fuseGates } from '../../../src/graph/passes/fuse-gates';
import { Tensor } from '../../../src/tensor';
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

test('gelu is found however its factors are put together', () => {
  const sum = (net: Net, x: string, k = Math.SQRT2): string => {
    const erf = net.unary(net.binary(x, net.scalar(k), 'div'), 'erf');
    return net.binary(erf, net.scalar(1), 'add');
  };
  const half = (net: Net): string => net.scalar(0.5);
  const found = ['unary gelu(x) -> mul'];
  expectPass(fuseGates, (net, x) => net.binary(net.binary(x, sum(net, x), 'mul', 'p'), half(net), 'mul'), found);
  expectPass(fuseGates, (net, x) => net.binary(net.binary(x, half(net), 'mul', 'p'), sum(net, x), 'mul'), found);
  expectPass(fuseGates, (net, x) => net.binary(x, net.binary(half(net), sum(net, x), 'mul', 'p'), 'mul'), found);
  expectPass(fuseGates, (net, x) => net.binary(net.binary(x, sum(net, x, 1.5), 'mul', 'p'), half(net), 'mul'), [
    'binary div(x) -> div',
    'unary erf(div) -> erf',
    'binary add(erf) -> add',
    'binary mul(x, add) -> p',
    'binary mul(p) -> mul',
  ]);
});

test('what only looks like a gate stays', () => {
  const six = (net: Net): string => net.constant('six', Tensor.float32([1, 1, 1, 1, 1], [6]));
  const clipped = (net: Net, x: string): string => net.unary(net.binary(x, net.scalar(3), 'add'), 'clip', 'clip', 0, 6);
  const apart = ['binary add(x) -> add', 'unary clip(add) -> clip', 'binary div(clip) -> div'];
  expectPass(fuseGates, (net, x) => net.binary(clipped(net, x), six(net), 'div'), apart);
});
