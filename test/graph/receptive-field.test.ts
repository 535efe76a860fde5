import { expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder';
import { fuseExpand } from '../../src/graph/passes/fuse-expand';
import { fuseResidual } from '../../src/graph/passes/fuse-residual';
import { fuseSeparable } from '../../src/graph/passes/fuse-separable';
import { fuseUpsampling } from '../../src/graph/passes/fuse-upsampling';
import { repeatResidual } from '../../src/graph/passes/repeat-residual';
import { receptiveField } from '../../src/graph/receptive-field';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';

function conv(net: GraphBuilder, x: string, kernel: number, stride: number, padding: number, dilation = 1): string {
  const weight = net.constant(
    `${x}.weight`,
    Tensor.float32([1, 1, kernel, kernel], new Float32Array(kernel ** 2).fill(1)),
  );
  const bias = net.constant(`${x}.bias`, Tensor.float32([1]));
  const attributes = {
    ...NO_EPILOGUE,
    stride: [stride, stride] as const,
    dilation: [dilation, dilation] as const,
    padding: [padding, padding, padding, padding] as const,
    groups: 1,
  };
  return net.add('conv2d', [x, weight, bias], attributes)[0];
}

const upsampled = (net: GraphBuilder, x: string, mode: 'nearest' | 'linear'): string =>
  net.add('resize2d', [x], {
    mode,
    coordinates: 'half-pixel',
    rounding: 'round-prefer-floor',
    size: [net.shape(x)[2] * 2, net.shape(x)[3] * 2],
    scale: [2, 2],
    cubicA: -0.75,
  })[0];

test('two 3×3 convolutions see 5×5 pixels, and with strides more', () => {
  const net = new GraphBuilder('two');
  const y = conv(net, conv(net, net.input('x', [1, 1, 32, 32]), 3, 1, 1), 3, 1, 1);
  expect(receptiveField(net.build([y]), y, 10, 12).get('x')).toEqual({ top: 8, left: 10, bottom: 12, right: 14 });

  const strided = new GraphBuilder('strided');
  const z = conv(strided, conv(strided, strided.input('x', [1, 1, 32, 32]), 3, 2, 1), 3, 2, 1);
  expect(receptiveField(strided.build([z]), z, 0, 1).get('x')).toEqual({ top: -3, left: 1, bottom: 3, right: 7 });
});

test('paths that meet again see all that either sees', () => {
  const net = new GraphBuilder('skip');
  const x = net.input('x', [1, 1, 16, 16]);
  const sum = net.add('binary', [x, conv(net, x, 3, 1, 2, 2)], { fn: 'add' })[0];
  expect(receptiveField(net.build([sum]), sum, 4, 4).get('x')).toEqual({ top: 2, left: 2, bottom: 6, right: 6 });
});

test('global pooling sees the whole picture', () => {
  const net = new GraphBuilder('global');
  const y = net.add('global-pool2d', [conv(net, net.input('x', [1, 1, 16, 20]), 3, 1, 1)], { fn: 'mean' })[0];
  expect(receptiveField(net.build([y]), y).get('x')).toEqual({ top: -1, left: -1, bottom: 16, right: 20 });
});

/** Only pixels inside the field may change the element, and those at its edges must. */
for (const mode of ['nearest', 'linear'] as const) {
  test(`the field is what really matters, through pooling and ${mode} resizing`, () => {
    const net = new GraphBuilder('mixed');
    const x = net.input('x', [1, 1, 12, 12]);
    const window = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0] } as const;
    const pooled = net.add('average-pool2d', [x], { ...window, ceilMode: false, countIncludePad: false })[0];
    const wide = conv(net, upsampled(net, conv(net, pooled, 3, 1, 1), mode), 3, 1, 1);
    const graph = net.build(net.add('unary', [wide], { ...NO_ACTIVATION, fn: 'neg' }, 'y'));
    const at = (data: Float32Array): number =>
      Number(runReference(graph, { x: Tensor.float32([1, 1, 12, 12], data) }).get('y')!.data[5 * 12 + 6]);
    const base = at(new Float32Array(144));
    const field = receptiveField(graph, 'y', 5, 6).get('x')!;
    const changed = Array.from({ length: 144 }, (_, i) => i).filter((i) => {
      const poked = new Float32Array(144);
      poked[i] = 1;
      return at(poked) !== base;
    });
    const rows = changed.map((i) => Math.floor(i / 12));
    const columns = changed.map((i) => i % 12);
    const inside = (v: number): number => Math.min(Math.max(v, 0), 11);
    expect({
      top: Math.min(...rows),
      left: Math.min(...columns),
      bottom: Math.max(...rows),
      right: Math.max(...columns),
    }).toEqual({
      top: inside(field.top),
      left: inside(field.left),
      bottom: inside(field.bottom),
      right: inside(field.right),
    });
  });
}

test('fusing changes nothing about what a pixel sees', () => {
  for (const mode of ['nearest', 'linear'] as const) {
    const net = new GraphBuilder('fused');
    const x = net.input('x', [1, 1, 12, 12]);
    const joined = net.add('concat', [upsampled(net, conv(net, x, 3, 2, 1), mode), conv(net, x, 3, 1, 1)], {
      axis: 1,
    })[0];
    const weight = net.constant('weight', Tensor.float32([1, 2, 3, 3]));
    const plain = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;
    const [y] = net.add('conv2d', [joined, weight, net.constant('bias', Tensor.float32([1]))], plain);
    const sum = net.add('binary', [conv(net, y, 1, 1, 0), upsampled(net, conv(net, x, 3, 2, 1), 'nearest')], {
      fn: 'add',
    })[0];
    const graph = net.build([sum]);
    const fused = repeatResidual(fuseUpsampling({ software: false })(fuseResidual(graph)));
    expect(fused.nodes.map(({ op }) => op)).not.toContain('resize2d');
    for (let at = 0; at < 12; at++) {
      expect(receptiveField(fused, sum, at, 11 - at)).toEqual(receptiveField(graph, sum, at, 11 - at));
    }
  }
});

test('a 1×1 that goes along with them sees what it sees apart, and so does a residual', () => {
  const net = new GraphBuilder('expanded');
  const x = net.input('x', [1, 1, 12, 12]);
  const y = conv(net, conv(net, conv(net, x, 1, 1, 0), 3, 1, 1), 1, 1, 0);
  const graph = net.build([conv(net, net.add('binary', [x, y], { fn: 'add' })[0], 1, 1, 0)]);
  const target = { software: false, fusesSeparable: true };
  const fused = fuseExpand(target)(fuseSeparable(target)(fuseResidual(graph)));
  expect(fused.nodes.map(({ op }) => op)).toEqual(['conv2d', 'separable-expand']);
  for (let at = 0; at < 12; at++) {
    const [before, after] = [graph, fused].map((each) => receptiveField(each, each.outputs[0], at, 11 - at));
    expect(after).toEqual(before);
  }
});

test('a depthwise convolution and the 1×1 behind it see as one node what they see as two', () => {
  const net = new GraphBuilder('separable');
  const x = net.input('x', [1, 1, 12, 12]);
  const y = conv(net, conv(net, conv(net, x, 1, 1, 0), 3, 1, 1), 1, 1, 0);
  const graph = net.build(net.add('binary', [x, y], { fn: 'add' }));
  const fused = fuseSeparable({ software: false, fusesSeparable: true })(fuseResidual(graph));
  expect(fused.nodes.map(({ op }) => op)).toEqual(['conv2d', 'separable-conv2d']);
  for (let at = 0; at < 12; at++) {
    const [before, after] = [graph, fused].map((each) => receptiveField(each, each.outputs[0], at, 11 - at));
    expect(after).toEqual(before);
  }
});
