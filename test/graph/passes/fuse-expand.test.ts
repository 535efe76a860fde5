import { expect, test } from 'vitest';
import { optimise } from '../../../src/graph/passes';
import { fuseActivation } from '../../../src/graph/passes/fuse-activation';
import { fuseExpand } from '../../../src/graph/passes/fuse-expand';
import { fuseResidual } from '../../../src/graph/passes/fuse-residual';
import { fuseSeparable } from '../../../src/graph/passes/fuse-separable';
import type { Pass, Target } from '../../../src/graph/passes/pass';
import { expectPass, lines, Net, REPEATING } from '../../support/rewrites';

const GPU = { software: false, fusesSeparable: true };
const fusedFor =
  (target: Target): Pass =>
  (graph) =>
    fuseExpand(target)(fuseSeparable(target)(fuseActivation(fuseResidual(fuseActivation(graph)))));
const fused = fusedFor(GPU);

const enlarged = (net: Net, x: string, size: readonly [number, number] = [12, 12]): string =>
  net.resize(x, size, REPEATING, 'large');
const separable = (net: Net, x: string, channels: number): string =>
  net.conv(net.conv(x, 4, 'depthwise', 4), channels, 'project', 1, 1);
const expanded = (net: Net, y: string, channels = 9): string =>
  net.unary(net.conv(y, channels, 'expand', 1, 1), 'relu6', 'expanded');

const LARGE = 'resize2d(x) -> large';

test('a separable convolution and the 1×1 that reads it become one node of two outputs', () => {
  expectPass(fused, (net, x) => expanded(net, separable(net, enlarged(net, x), 6)), [
    LARGE,
    'separable-expand(large) -> project, expanded',
  ]);
});

test('others may read what lies between, and a residual may have gone into it', () => {
  const chain = (net: Net, x: string): string => {
    const large = enlarged(net, x);
    const y = net.binary(separable(net, large, 4), large, 'add', 'y');
    return net.binary(net.conv(expanded(net, y), 4, 'next', 1, 1), y, 'mul');
  };
  expectPass(fused, chain, [
    LARGE,
    'separable-expand(large, large) -> y, expanded',
    'conv2d(expanded) -> next',
    'binary mul(next, y) -> mul',
  ]);
});

test('of two convolutions of single pixels the first goes along', () => {
  const both = (net: Net, x: string): string => {
    const y = separable(net, enlarged(net, x), 6);
    return net.binary(expanded(net, y), net.conv(y, 9, 'other', 1, 1), 'mul');
  };
  expectPass(fused, both, [
    LARGE,
    'separable-expand(large) -> project, expanded',
    'conv2d(project) -> other',
    'binary mul(expanded, other) -> mul',
  ]);
});

test('they stay apart where a window or a residual of its own follows', () => {
  expectPass(fused, (net, x) => net.conv(separable(net, enlarged(net, x), 6), 5, 'window'), [
    LARGE,
    'separable-conv2d(large) -> project',
    'conv2d(project) -> window',
  ]);
  const withResidual = (net: Net, x: string): string => {
    const large = enlarged(net, x);
    return net.binary(net.conv(separable(net, large, 6), 4, 'next', 1, 1), large, 'add');
  };
  expectPass(fused, withResidual, [
    LARGE,
    'separable-conv2d(large) -> project',
    'conv2d before-activation(project, large) -> add',
  ]);
});

test('they stay apart where few workgroups would share the work', () => {
  const apart = [LARGE, 'separable-conv2d(large) -> project', 'conv2d relu6(project) -> expanded'];
  const of =
    (channels: number, size?: readonly [number, number]) =>
    (net: Net, x: string): string =>
      expanded(net, separable(net, enlarged(net, x, size), channels));
  const together = [LARGE, 'separable-expand(large) -> project, expanded'];
  expectPass(fused, of(129), apart);
  // Twelve tiles of four pixels of a row, in two pictures.
  expectPass(fused, of(31, [3, 8]), apart);
  expectPass(fused, of(30, [3, 8]), together);
  expectPass(fusedFor({ ...GPU, subgroupSize: 8 }), of(33), apart);
  expectPass(fusedFor({ ...GPU, subgroupSize: 8 }), of(32), together);
});

test('only runners that gain by it fuse them', async () => {
  const net = new Net('by target');
  const graph = net.build([expanded(net, separable(net, net.input('x', [2, 4, 12, 12]), 2))]);
  const optimised = await optimise(graph, GPU);
  expect(lines(optimised)).toEqual(['separable-expand(x) -> project, expanded']);
  // Named as the layer that makes its first output.
  expect(optimised.nodes[0].name).toBe(graph.nodes.find(({ outputs }) => outputs[0] === 'project')!.name);
  expect(lines(await optimise(graph, { software: true }))).toContain('conv2d relu6(project) -> expanded');
});
