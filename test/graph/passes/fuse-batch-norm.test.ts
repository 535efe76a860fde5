import { expect, test } from 'vitest';
import { optimise } from '../../../src/graph/passes';
import { fuseBatchNorm } from '../../../src/graph/passes/fuse-batch-norm';
import { expectPass, lines, Net, REPEATING } from '../../support/rewrites';

const LINEAR = { ...REPEATING, mode: 'linear', coordinates: 'half-pixel' } as const;

const prelu = (net: Net, x: string, slopes: readonly number[]): string =>
  net.add('binary', [x, net.weights(slopes)], { fn: 'prelu' }, 'prelu')[0];

test('a batch normalisation takes in the sum before it and the PReLU behind it', () => {
  expectPass(fuseBatchNorm, (net, x) => prelu(net, net.norm(net.binary(net.unary(x, 'tanh'), x, 'add')), [4, 1, 1]), [
    'unary tanh(x) -> tanh',
    'batch-norm(tanh, x) -> prelu',
  ]);
  expectPass(fuseBatchNorm, (net, x) => prelu(net, net.norm(x), [1]), ['batch-norm(x) -> prelu']);
  expectPass(fuseBatchNorm, (net, x) => net.norm(net.binary(x, net.unary(x, 'tanh'), 'add')), [
    'unary tanh(x) -> tanh',
    'batch-norm(x, tanh) -> norm',
  ]);
});

test('it does not where others read them, shapes differ or a slope is not one of a channel', () => {
  const kept = (build: (net: Net, x: string) => string): void => {
    const net = new Net('kept');
    const graph = net.build([build(net, net.input('x', [2, 4, 5, 6]))]);
    expect(lines(fuseBatchNorm(graph))).toEqual(lines(graph));
  };
  kept((net, x) => net.binary(net.norm(net.binary(x, net.unary(x, 'tanh'), 'add', 'sum')), 'sum', 'mul'));
  kept((net, x) => net.norm(net.binary(x, net.weights([4, 1, 1]), 'add')));
  kept((net, x) => net.norm(net.binary(x, net.unary(x, 'tanh'), 'mul')));
  kept((net, x) => prelu(net, net.norm(x), [6]));
  kept((net, x) => net.binary(prelu(net, net.norm(x), [4, 1, 1]), 'norm', 'mul'));
});

test('it moves ahead of an enlargement, into the convolution there, but behind a reduction it stays', () => {
  expectPass(fuseBatchNorm, (net, x) => net.norm(net.resize(net.conv(x, 6, 'conv'), [10, 12], LINEAR, 'large')), [
    'conv2d(x) -> norm/small',
    'resize2d(norm/small) -> norm',
  ]);
  expectPass(fuseBatchNorm, (net, x) => net.norm(net.resize(x, [9, 13], { ...LINEAR, mode: 'cubic' }, 'large')), [
    'batch-norm(x) -> norm/small',
    'resize2d(norm/small) -> norm',
  ]);
  expectPass(fuseBatchNorm, (net, x) => net.norm(net.resize(net.conv(x, 6, 'conv'), [3, 3], LINEAR, 'small')), [
    'conv2d(x) -> conv',
    'resize2d(conv) -> small',
    'batch-norm(small) -> norm',
  ]);
});

test('every runner gains by it', async () => {
  const net = new Net('any target');
  const graph = net.build([prelu(net, net.norm(net.input('x', [2, 4, 5, 6])), [4, 1, 1])]);
  expect(lines(await optimise(graph, { software: true }))).toEqual(['batch-norm(x) -> prelu']);
});
