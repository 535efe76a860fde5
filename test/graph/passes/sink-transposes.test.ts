import { test } from 'vitest';
import { sinkTransposes } from '../../../src/graph/passes/sink-transposes';
import { expectPass, TO_FIRST, TO_LAST } from '../../support/rewrites';

test('inverse transposes vanish through what lies between them', () => {
  expectPass(
    sinkTransposes,
    (net, x) => {
      const a = net.transpose(x, TO_LAST, 'a');
      const b = net.transpose(net.unary(x, 'tanh'), TO_LAST, 'b');
      const sum = net.binary(net.binary(net.unary(a, 'relu'), b, 'add'), net.weights([4]), 'mul', 'scale');
      const joined = net.add('concat', [sum, net.transpose(x, TO_LAST, 'c')], { axis: 3 }, 'join')[0];
      const amounts = { before: [0, 1, 2, 0], after: [0, 0, 0, 3] } as const;
      const padded = net.add('pad', [joined], { mode: 'constant', ...amounts, value: 0.5 }, 'pad')[0];
      const shares = net.add('softmax', [padded], { axis: 3, log: false }, 'softmax')[0];
      return net.unary(net.transpose(shares, TO_FIRST, 'd'), 'abs');
    },
    [
      'unary relu(x) -> relu_2',
      'unary tanh(x) -> tanh',
      'binary add(relu_2, tanh) -> add_2',
      'binary mul(add_2) -> scale_2',
      'concat(scale_2, x) -> join_2',
      'pad(join_2) -> pad_2',
      'softmax(pad_2) -> softmax_2',
      'unary abs(softmax_2) -> abs',
    ],
  );
});

test('transposes that meet are one', () => {
  expectPass(sinkTransposes, (net, x) => net.transpose(net.transpose(x, [1, 0, 2, 3], 'a'), [0, 2, 3, 1], 'b'), [
    'transpose(x) -> b',
  ]);
});

test('a transpose stays above what mixes its axes with other values', () => {
  expectPass(sinkTransposes, (net, x) => net.binary(net.transpose(x, TO_LAST, 'a'), net.weights([5, 6, 4]), 'add'), [
    'transpose(x) -> a',
    'binary add(a) -> add',
  ]);
  expectPass(
    sinkTransposes,
    (net, x) => {
      const a = net.transpose(x, TO_LAST, 'a');
      return net.binary(
        net.unary(a, 'exp'),
        net.add('reduce', [a], { fn: 'sum', axes: [3], keepDims: true }, 'sum')[0],
        'div',
      );
    },
    ['transpose(x) -> a', 'unary exp(a) -> exp', 'reduce sum(a) -> sum', 'binary div(exp, sum) -> div'],
  );
});

test('a part that nobody reads does not take the part beside it away', () => {
  expectPass(
    sinkTransposes,
    (net, x) => net.transpose(net.add('split', [x], { axis: 1, sizes: [1, 3] }, 'split')[1], TO_LAST),
    ['split(x) -> split, split:1', 'transpose(split:1) -> transpose'],
  );
});
