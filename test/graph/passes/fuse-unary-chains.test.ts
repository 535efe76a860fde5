import { expect, test } from 'vitest';
import { PORTABLE_DEVICE } from '../../../src/gpu/adapter-profile';
import { launchesOf } from '../../../src/gpu/plan';
import { planGraph } from '../../../src/gpu/plan-graph';
import { fuseUnaryChains } from '../../../src/graph/passes/fuse-unary-chains';
import { expectPass, lines, Net } from '../../support/rewrites';

test('functions that follow each other become one node, up to the next value that others read', () => {
  expectPass(
    fuseUnaryChains,
    (net, x) => {
      const both = net.unary(net.unary(net.unary(x, 'abs'), 'sqrt'), 'leaky-relu', 'both', 0.3);
      return net.binary(net.unary(net.unary(both, 'tanh'), 'neg', 'last'), both, 'mul');
    },
    ['unary-chain(x) -> both', 'unary-chain(both) -> last', 'binary mul(last, both) -> mul'],
  );
});

test('one function alone, an output on the way, and integers stay', () => {
  const net = new Net('test');
  const first = net.unary(net.input('x', [3]), 'abs');
  const integers = net.unary(net.unary(net.input('i', [3], 'int32'), 'neg', 'i1'), 'abs', 'i2');
  const graph = net.build([first, net.unary(first, 'sqrt'), integers]);
  expect(fuseUnaryChains(graph)).toBe(graph);
});

const chain = (length: number) => {
  const net = new Net('test');
  let y = net.input('x', [3]);
  for (let i = 0; i < length; i++) y = net.unary(y, i % 2 === 0 ? 'sin' : 'neg');
  return net.build([y]);
};

test('a chain of more than 64 becomes several nodes', () => {
  expect(lines(fuseUnaryChains(chain(130)))).toEqual([
    'unary-chain(x) -> neg_32',
    'unary-chain(neg_32) -> neg_64',
    'unary-chain(neg_64) -> neg_65',
  ]);
});

test('a graph of thousands of functions takes few launches, and a short one is planned function by function', async () => {
  const launches = async (length: number): Promise<number> =>
    launchesOf(await planGraph(chain(length), { precision: 'f32', device: PORTABLE_DEVICE }));
  expect(await launches(20_000)).toBe(Math.ceil(20_000 / 64));
  expect(await launches(1000)).toBe(1000);
});
