import { expect, test } from 'vitest';
import { optimise } from '../../../src/graph/passes';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseSqueeze } from '../../../src/graph/passes/fuse-squeeze';
import type { Pass } from '../../../src/graph/passes/pass';
import type { UnaryFunction } from '../../../src/operators/unary';
import { expectPass, lines, Net } from '../../support/rewrites';

const GPU = { software: false, fusesSeparable: true };
const fused: Pass = (graph) => fuseSqueeze(GPU)(fuseActivation(graph));

const mean = (net: Net, x: string, fn: 'mean' | 'max' = 'mean'): string =>
  net.add('global-pool2d', [x], { fn }, 'mean')[0];
const product = (net: Net, x: string, channels: number, fn: UnaryFunction, kernel: 1 | 3 = 1): string =>
  net.unary(net.conv(x, channels, `to ${channels}`, 1, kernel), fn);
const gate = (net: Net, x: string): string => product(net, product(net, x, 2, 'relu'), 4, 'sigmoid');

test('a mean and the products of it become one node', () => {
  expectPass(fused, (net, x) => net.binary(x, gate(net, mean(net, x)), 'mul'), [
    'squeeze-excite(x) -> sigmoid',
    'binary mul(x, sigmoid) -> mul',
  ]);
  expectPass(fused, (net, x) => product(net, mean(net, x), 7, 'hard-sigmoid'), ['squeeze-excite(x) -> hard-sigmoid']);
});

test('a sum that the mean alone reads goes along', () => {
  const build = (net: Net, x: string, other: string): string => {
    const y = net.unary(x, 'tanh', 'y');
    const sum = net.binary(x, y, 'add', 'sum');
    return net.binary(other === 'sum' ? sum : y, gate(net, mean(net, sum)), 'mul');
  };
  expectPass(fused, (net, x) => build(net, x, 'y'), [
    'unary tanh(x) -> y',
    'squeeze-excite(x, y) -> sigmoid',
    'binary mul(y, sigmoid) -> mul',
  ]);
  expectPass(fused, (net, x) => build(net, x, 'sum'), [
    'unary tanh(x) -> y',
    'binary add(x, y) -> sum',
    'squeeze-excite(sum) -> sigmoid',
    'binary mul(sum, sigmoid) -> mul',
  ]);
});

test('a maximum, a mean that others read, windows and many weights stay as they are', () => {
  const two = ['conv2d relu(mean) -> relu', 'conv2d sigmoid(relu) -> sigmoid'];
  expectPass(fused, (net, x) => gate(net, mean(net, x, 'max')), ['global-pool2d max(x) -> mean', ...two]);
  const read = (net: Net, x: string): string => {
    const m = mean(net, x);
    return net.binary(gate(net, m), m, 'mul');
  };
  expectPass(fused, read, ['global-pool2d mean(x) -> mean', ...two, 'binary mul(sigmoid, mean) -> mul']);
  expectPass(fused, (net, x) => product(net, mean(net, x), 5, 'relu', 3), [
    'global-pool2d mean(x) -> mean',
    'conv2d relu(mean) -> relu',
  ]);
  expectPass(fused, (net, x) => product(net, mean(net, x), 2 ** 13 + 1, 'relu'), [
    'global-pool2d mean(x) -> mean',
    'conv2d relu(mean) -> relu',
  ]);
});

test('on GPUs alone, where the convolution behind the gate takes it in', async () => {
  const net = new Net('gated');
  const x = net.input('x', [1, 4, 5, 6]);
  const graph = net.build([net.conv(net.binary(x, gate(net, mean(net, x)), 'mul'), 3, 'project', 1, 1)]);
  expect(lines(await optimise(graph, GPU))).toEqual([
    'squeeze-excite(x) -> sigmoid',
    'separable-conv2d(x, sigmoid) -> project',
  ]);
  expect((await optimise(graph, { software: true })).nodes).toHaveLength(5);
});
