import { expect, test } from 'vitest';
import { optimise } from '../../../src/graph/passes';
import { fuseAttention } from '../../../src/graph/passes/fuse-attention';
import { Tensor } from '../../../src/tensor';
import { expectPass, lines, Net } from '../../support/rewrites';

const pass = fuseAttention({ software: false, fusesAttention: true });

/** What an exporter writes: each step may do something else. */
interface Steps {
  readonly q?: (net: Net, x: string) => string;
  readonly k?: (net: Net, x: string) => string;
  readonly scores?: (net: Net, scores: string) => string;
  readonly weights?: (net: Net, weights: string) => string;
  readonly axis?: number;
}

const same = (_: Net, x: string): string => x;
const SWAPPED = [0, 1, 3, 2];

/** Attention of the rows of x to those of |x|, which also serve as values. */
const attention =
  ({ q = same, k = (net, x) => net.transpose(x, SWAPPED), scores = same, weights = same, axis = 3 }: Steps) =>
  (net: Net, x: string): string => {
    const other = net.unary(x, 'abs');
    const [product] = net.add('matmul', [q(net, x), k(net, other)], {}, 'product');
    const [softmax] = net.add('softmax', [scores(net, product)], { axis, log: false }, 'softmax');
    return net.add('matmul', [weights(net, softmax), other], {}, 'y')[0];
  };

const FUSED = ['unary abs(x) -> abs', 'attention(x, abs, abs) -> y'];

test('products around a softmax become attention, wherever the scale is', () => {
  expectPass(pass, attention({}), FUSED);
  expectPass(pass, attention({ scores: (net, s) => net.binary(s, net.scalar(0.4), 'mul') }), FUSED);
  expectPass(pass, attention({ scores: (net, s) => net.binary(net.scalar(0.4), s, 'mul') }), FUSED);
  expectPass(pass, attention({ scores: (net, s) => net.binary(s, net.scalar(2.4), 'div') }), FUSED);
  const both: Steps = {
    q: (net, x) => net.binary(x, net.scalar(0.6), 'mul', 'scaled'),
    k: (net, x) => net.binary(net.transpose(x, SWAPPED), net.scalar(0.7), 'mul'),
  };
  expectPass(pass, attention(both), FUSED);
});

test('a mask is added by it, on either side of the sum', () => {
  const mask = (net: Net): string => net.weights([5, 5]);
  const masked = (net: Net, s: string): string => net.binary(net.binary(s, net.scalar(0.4), 'mul'), mask(net), 'add');
  expectPass(pass, attention({ scores: masked }), FUSED);
  expectPass(pass, attention({ scores: (net, s) => net.binary(mask(net), s, 'add') }), FUSED);
});

test('keys that are not transposed, or in another way, are transposed once', () => {
  expectPass(pass, attention({ k: (net) => net.weights([2, 4, 6, 5]) }), [
    'unary abs(x) -> abs',
    'transpose() -> product.keys',
    'attention(x, product.keys, abs) -> y',
  ]);
  const heads = (net: Net, x: string): string => net.transpose(net.transpose(x, [0, 2, 1, 3], 'rows'), [0, 2, 3, 1]);
  expectPass(pass, attention({ k: heads }), [
    'unary abs(x) -> abs',
    'transpose(abs) -> rows',
    'transpose(rows) -> product.keys',
    'attention(x, product.keys, abs) -> y',
  ]);
});

test('keys that are transposed as a batch of matrices, with other axes, are only given their axes', () => {
  const reshape = (net: Net, x: string, shape: readonly number[], name: string): string =>
    net.add('reshape', [x], { shape }, name)[0];
  const batch = (net: Net, x: string): string =>
    reshape(net, net.transpose(reshape(net, x, [8, 5, 6], 'flat'), [0, 2, 1]), [2, 4, 6, 5], 'back');
  expectPass(pass, attention({ k: batch }), [
    'unary abs(x) -> abs',
    'reshape(abs) -> flat',
    'reshape(flat) -> product.keys',
    'attention(x, product.keys, abs) -> y',
  ]);
});

test('what is read elsewhere, or is another function, stays as it is', () => {
  const before = ['unary abs(x) -> abs', 'transpose(abs) -> transpose', 'matmul(x, transpose) -> product'];
  const after = ['softmax(product) -> softmax', 'matmul(softmax, abs) -> y'];
  expectPass(pass, attention({ axis: 2 }), [...before, ...after]);
  expectPass(pass, attention({ weights: (net, w) => net.unary(w, 'neg') }), [
    ...before,
    'softmax(product) -> softmax',
    'unary neg(softmax) -> neg',
    'matmul(neg, abs) -> y',
  ]);
  const difference = (net: Net, s: string): string => net.binary(s, net.weights([5, 5]), 'sub');
  expectPass(pass, attention({ scores: difference }), [
    ...before,
    'binary sub(product) -> sub',
    'softmax(sub) -> softmax',
    'matmul(softmax, abs) -> y',
  ]);
  // A constant factor of each score is no scale.
  const factors = (net: Net, s: string): string => net.binary(s, net.weights([5, 5]), 'mul');
  expectPass(pass, attention({ scores: factors }), [
    ...before,
    'binary mul(product) -> mul',
    'softmax(mul) -> softmax',
    'matmul(softmax, abs) -> y',
  ]);

  const net = new Net('kept');
  const y = attention({})(net, net.input('x', [2, 4, 5, 6]));
  expect(lines(pass(net.build([y, 'softmax'])))).toEqual([...before, ...after]);
  const second = new Net('twice');
  const z = attention({})(second, second.input('x', [2, 4, 5, 6]));
  expect(lines(pass(second.build([z, second.unary('product', 'neg')])))).toContain('matmul(softmax, abs) -> y');
});

test('a mask that makes more scores than there are products stays outside', () => {
  const net = new Net('larger');
  const x = net.input('x', [1, 4, 5, 6]);
  const [product] = net.add('matmul', [x, net.transpose(x, SWAPPED)], {}, 'product');
  const masked = net.binary(product, net.constant('mask', Tensor.float32([3, 1, 1, 5])), 'add');
  const [softmax] = net.add('softmax', [masked], { axis: 3, log: false }, 'softmax');
  const y = net.add('matmul', [softmax, net.weights([3, 4, 5, 2])], {}, 'y');
  expect(lines(pass(net.build(y)))).toContain('binary add(product) -> add');
});

test('only runners that have a kernel for it fuse attention', async () => {
  const net = new Net('by target');
  const graph = net.build([attention({})(net, net.input('x', [2, 4, 5, 6]))]);
  expect(lines(await optimise(graph, { software: false, fusesAttention: true }))).toEqual(FUSED);
  expect(lines(await optimise(graph, { software: true }))).toContain('softmax(product) -> softmax');
});
