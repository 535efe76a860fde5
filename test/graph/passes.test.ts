import { expect, test } from 'vitest';
import { optimise, PASSES } from '../../src/graph/passes';
import { optimiseWith } from '../../src/graph/passes/pass';
import { expectPass, lines, Net } from '../support/rewrites';

test('together the passes leave one node of a residual block', () => {
  expectPass(
    (graph) => optimiseWith(PASSES, graph),
    (net, x) => {
      const first = net.unary(net.norm(net.conv(x, 8, 'conv1'), 'norm1'), 'relu', 'relu1');
      return net.unary(net.binary(net.norm(net.conv(first, 4, 'conv2'), 'norm2'), x, 'add'), 'relu', 'relu2');
    },
    ['conv2d relu(x) -> relu1', 'conv2d relu before-activation(relu1, x) -> relu2'],
  );
});

test('a value that is asked for is never fused away', async () => {
  const net = new Net('test');
  const x = net.input('x', [1, 4, 5, 6]);
  const y = net.unary(net.conv(x, 4, 'conv'), 'relu');
  expect(lines(await optimise(net.build([y, 'conv']), { software: false }))).toEqual([
    'conv2d(x) -> conv',
    'unary relu(conv) -> relu',
  ]);
});
