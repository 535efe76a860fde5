import { test } from 'vitest';
import { sinkShuffles } from '../../../src/graph/passes/sink-shuffles';
import { expectPass, type Net, plain, random } from '../../support/rewrites';

/** Twelve channels of the input's size, made in groups. */
const grouped = (net: Net, x: string): string => net.conv(x, 12, 'grouped', 2, 1);

const reshape = (net: Net, x: string, shape: readonly number[], name: string): string =>
  net.add('reshape', [x], { shape }, name)[0];

/** Channels as a matrix of so many rows, which is transposed. */
function shuffle(net: Net, x: string, factors: readonly number[] = [3, 4], axes: readonly number[] = [2, 1]): string {
  const [batch, , height, width] = net.shape(x);
  const split = reshape(net, x, [batch, ...factors, height, width], 'split');
  const last = factors.length + 1;
  const turned = net.transpose(split, [0, ...axes, last, last + 1], 'turned');
  return reshape(net, turned, net.shape(x), 'shuffled');
}

test('weights behind a shuffle take the order of the channels, so that nothing is copied', () => {
  expectPass(
    sinkShuffles,
    (net, x) => {
      const filtered = net.conv(shuffle(net, grouped(net, x)), 12, 'depthwise', 12);
      const slopes = net.constant('slopes', random.tensor([12, 1, 1]));
      const bent = net.add('binary', [filtered, slopes], { fn: 'prelu' }, 'bent')[0];
      return net.conv(net.binary(bent, net.scalar(2), 'mul', 'doubled'), 5, 'project', 1, 1);
    },
    [
      'conv2d(x) -> grouped',
      'conv2d(grouped) -> depthwise',
      'binary prelu(depthwise) -> bent',
      'binary mul(bent) -> doubled',
      'conv2d(doubled) -> project',
    ],
  );
});

test('all readers take the order: pooling and activations on their way to convolutions over all channels', () => {
  expectPass(
    sinkShuffles,
    (net, x) => {
      const shuffled = shuffle(net, grouped(net, x), [2, 3, 2], [3, 1, 2]);
      const a = net.conv(net.unary(shuffled, 'relu', 'active'), 5, 'a');
      const b = net.conv(shuffled, 5, 'b');
      return net.binary(a, b, 'add', 'sum');
    },
    [
      'conv2d(x) -> grouped',
      'unary relu(grouped) -> active',
      'conv2d(active) -> a',
      'conv2d(grouped) -> b',
      'binary add(a, b) -> sum',
    ],
  );
});

test('a residual that the convolution adds keeps its order', () => {
  expectPass(
    sinkShuffles,
    (net, x) => {
      const first = grouped(net, x);
      const inputs = [shuffle(net, first), net.weights([12, 12, 1, 1]), net.weights([12]), first];
      const attributes = { ...plain, padding: [0, 0, 0, 0], residual: 'after-activation' } as const;
      return net.add('conv2d', inputs, attributes, 'sum')[0];
    },
    ['conv2d(x) -> grouped', 'conv2d after-activation(grouped, grouped) -> sum'],
  );
});

const STAYS = ['reshape(grouped) -> split', 'transpose(split) -> turned', 'reshape(turned) -> shuffled'];

test.each<[reason: string, read: (net: Net, shuffled: string) => string, after: string]>([
  ['an output is shuffled', (net, x) => net.unary(x, 'relu'), 'unary relu(shuffled) -> relu'],
  ['a convolution has groups', (net, x) => net.conv(x, 12, 'b', 3), 'conv2d(shuffled) -> b'],
  [
    'channels meet others',
    (net, x) => net.conv(net.binary(x, 'grouped', 'add'), 3, 'b'),
    'binary add(shuffled, grouped) -> add',
  ],
  [
    'channels meet themselves',
    (net, x) => net.conv(net.binary(x, x, 'mul'), 3, 'b'),
    'binary mul(shuffled, shuffled) -> mul',
  ],
])('a shuffle stays where %s', (_, read, after) => {
  const rest = after.startsWith('binary') ? [`conv2d(${after.split(' ').at(-1)}) -> b`] : [];
  expectPass(sinkShuffles, (net, x) => read(net, shuffle(net, grouped(net, x))), [
    'conv2d(x) -> grouped',
    ...STAYS,
    after,
    ...rest,
  ]);
});

test('a transpose that moves more than channels stays', () => {
  expectPass(
    sinkShuffles,
    (net, x) => {
      const split = reshape(net, grouped(net, x), [2, 3, 4, 6, 5], 'split');
      const turned = net.transpose(split, [0, 2, 1, 3, 4], 'turned');
      return net.conv(reshape(net, turned, [2, 12, 5, 6], 'shuffled'), 3, 'b');
    },
    ['conv2d(x) -> grouped', ...STAYS, 'conv2d(shuffled) -> b'],
  );
});
