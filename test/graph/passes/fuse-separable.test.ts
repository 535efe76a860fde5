import { expect, test } from 'vitest';
import { optimise } from '../../../src/graph/passes';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import { fuseSeparable } from '../../../src/graph/passes/fuse-separable';
import type { Pass } from '../../../src/graph/passes/pass';
import { expectPass, lines, Net, REPEATING } from '../../support/rewrites';

const GPU = { software: false, fusesSeparable: true };
const fused: Pass = (graph) => fuseSeparable(GPU)(fuseActivation(fuseResidual(fuseActivation(graph))));

/** Four channels made to eight, filtered, and made to so many. */
const inverted =
  (channels: number, kernel: 1 | 3 = 1) =>
  (net: Net, x: string): string => {
    const expanded = net.unary(net.conv(x, 8, 'expand', 1, 1), 'relu6', 'expanded');
    const filtered = net.unary(net.conv(expanded, 8, 'depthwise', 8), 'relu6', 'filtered');
    return net.conv(filtered, channels, 'project', 1, kernel);
  };

test('a depthwise convolution and the 1×1 behind it become one node, activation and residual included', () => {
  const expand = 'conv2d relu6(x) -> expanded';
  expectPass(fused, inverted(6), [expand, 'separable-conv2d(expanded) -> project']);
  expectPass(fused, (net, x) => net.binary(x, inverted(4)(net, x), 'add'), [
    expand,
    'separable-conv2d(expanded, x) -> add',
  ]);
});

/** One picture, and a number for each of its channels. */
function pictureAndGate(net: Net, x: string): [picture: string, gate: string] {
  const slice = (sizes: readonly number[], name: string): string =>
    net.add('slice', [x], { starts: [0, 0, 0, 0], steps: [1, 1, 1, 1], sizes }, name)[0];
  return [slice([1, 4, 5, 6], 'picture'), slice([1, 4, 1, 1], 'gate')];
}

const PARTS = ['slice(x) -> picture', 'slice(x) -> gate'];

test('a 1×1 takes in the gate of the picture that it reads, and what is added to that', () => {
  const project = (net: Net, h: string): string => net.unary(net.conv(h, 3, 'project', 1, 1), 'relu6');
  for (const isFirst of [true, false]) {
    const build = (net: Net, x: string): string => {
      const [picture, gate] = pictureAndGate(net, x);
      return project(net, isFirst ? net.binary(gate, picture, 'mul') : net.binary(picture, gate, 'mul'));
    };
    expectPass(fused, build, [...PARTS, 'separable-conv2d(picture, gate) -> relu6']);
  }
  const withSum = (net: Net, x: string): string => {
    const [picture, gate] = pictureAndGate(net, x);
    const other = net.unary(picture, 'tanh', 'other');
    return project(net, net.binary(other, net.binary(picture, gate, 'mul'), 'add'));
  };
  const tanh = 'unary tanh(picture) -> other';
  expectPass(fused, withSum, [...PARTS, tanh, 'separable-conv2d(picture, gate, other) -> relu6']);
});

test('a gate of constants, of other shapes, or of a product that others read stays apart', () => {
  const stays = (build: (net: Net, picture: string, gate: string) => string, last: readonly string[]): void =>
    expectPass(fused, (net, x) => build(net, ...pictureAndGate(net, x)), [...PARTS, ...last]);
  const project = (net: Net, h: string): string => net.conv(h, 4, 'project', 1, 1);
  stays(
    (net, picture, gate) => {
      const h = net.binary(picture, gate, 'mul', 'h');
      return net.binary(project(net, h), h, 'add');
    },
    ['binary mul(picture, gate) -> h', 'conv2d before-activation(h, h) -> add'],
  );
  stays(
    (net, picture, gate) => net.conv(net.binary(picture, gate, 'mul', 'h'), 4, 'project'),
    ['binary mul(picture, gate) -> h', 'conv2d(h) -> project'],
  );
  stays(
    (net, picture, gate) => project(net, net.binary(picture, gate, 'sub', 'h')),
    ['binary sub(picture, gate) -> h', 'conv2d(h) -> project'],
  );
  stays(
    (net, picture) => project(net, net.binary(picture, picture, 'mul', 'h')),
    ['binary mul(picture, picture) -> h', 'conv2d(h) -> project'],
  );
});

/** A PReLU with these slopes. */
const prelu = (net: Net, x: string, slopes: readonly number[]): string =>
  net.add('binary', [x, net.weights(slopes)], { fn: 'prelu' }, 'prelu')[0];

test('a PReLU between the two goes along if each channel has one slope', () => {
  const between =
    (...slopes: number[]) =>
    (net: Net, x: string): string =>
      net.binary(net.conv(prelu(net, net.conv(x, 4, 'a', 4), slopes), 4, 'b', 1, 1), x, 'add');
  for (const slopes of [[4, 1, 1], [1, 4, 1, 1], [1]]) {
    expectPass(fused, between(...slopes), ['separable-conv2d(x, x) -> add']);
  }
  expectPass(fused, between(6), [
    'conv2d(x) -> a',
    'binary prelu(a) -> prelu',
    'conv2d before-activation(prelu, x) -> add',
  ]);
});

test('a residual that zeros fill up to the channels of the sum is read without them', () => {
  const filledUp =
    (value: number, rows = 0) =>
    (net: Net, x: string): string => {
      const after = [0, 2, rows, 0];
      const [filled] = net.add('pad', [x], { mode: 'constant', before: [0, 0, 0, 0], after, value }, 'filled');
      const [, , height] = net.shape(filled);
      const tall = height === 5 ? x : net.resize(x, [height, 6], { ...REPEATING, mode: 'nearest' }, 'tall');
      return net.binary(net.conv(net.conv(tall, 4, 'a', 4), 6, 'b', 1, 1), filled, 'add');
    };
  expectPass(fused, filledUp(0), ['separable-conv2d(x, x) -> add']);
  const [pad, separable] = ['pad(x) -> filled', 'separable-conv2d(x, filled) -> add'];
  expectPass(fused, filledUp(1), [pad, separable]);
  expectPass(fused, filledUp(0, 1), [pad, 'resize2d(x) -> tall', 'separable-conv2d(tall, filled) -> add']);
});

test('they stay apart where one kernel cannot do both, or filters channels too often', () => {
  const apart = ['conv2d relu6(x) -> expanded', 'conv2d relu6(expanded) -> filtered', 'conv2d(filtered) -> project'];
  expectPass(fused, inverted(6, 3), apart);
  expectPass(fused, inverted(260), apart);
  expectPass(fuseSeparable({ software: false }), (net, x) => net.conv(net.conv(x, 4, 'a', 4), 3, 'b', 1, 1), [
    'conv2d(x) -> a',
    'conv2d(a) -> b',
  ]);
  // Twice as many outputs as channels, a filter over two channels, and a second reader.
  expectPass(fused, (net, x) => net.conv(net.conv(x, 8, 'a', 4), 3, 'b', 1, 1), ['conv2d(x) -> a', 'conv2d(a) -> b']);
  expectPass(fused, (net, x) => net.conv(net.conv(x, 4, 'a', 2), 3, 'b', 1, 1), ['conv2d(x) -> a', 'conv2d(a) -> b']);
  expectPass(fused, (net, x) => net.binary(net.conv(net.conv(x, 4, 'a', 4), 4, 'b', 1, 1), 'a', 'mul'), [
    'conv2d(x) -> a',
    'conv2d(a) -> b',
    'binary mul(b, a) -> mul',
  ]);
});

test('only runners that gain by it fuse them', async () => {
  const net = new Net('by target');
  const graph = net.build([inverted(6)(net, net.input('x', [2, 4, 5, 6]))]);
  expect(lines(await optimise(graph, GPU))).toContain('separable-conv2d(expanded) -> project');
  expect(lines(await optimise(graph, { software: true }))).toContain('conv2d(filtered) -> project');
});
