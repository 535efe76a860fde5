import { describe, expect, test } from 'vitest';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import type { Shape } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { testDevice } from '../support/gpu';
import { Random } from '../support/random';

const { acquired, pipelines } = await testDevice();

/** A graph builder with the few operators that these tests need; weights are random. */
class Net extends GraphBuilder {
  readonly #random = new Random(17);

  conv(x: string, channels: number, name: string): string {
    const weight = this.constant(`${name}.w`, this.#random.tensor([channels, this.shape(x)[1], 1, 1]));
    const bias = this.constant(`${name}.b`, this.#random.tensor([channels]));
    const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
    return this.add('conv2d', [x, weight, bias], { ...NO_EPILOGUE, ...window }, name)[0];
  }

  neg(x: string, name: string): string {
    return this.add('unary', [x], { ...NO_ACTIVATION, fn: 'neg' }, name)[0];
  }

  concat(inputs: readonly string[], axis: number, name: string): string {
    return this.add('concat', inputs, { axis }, name)[0];
  }

  split(x: string, axis: number, sizes: readonly number[], name: string): string[] {
    return this.add('split', [x], { axis, sizes }, name);
  }
}

/** Plans the graph, runs it twice and holds its outputs to the reference; the plan is for further questions. */
async function check(graph: Graph): Promise<Plan> {
  const random = new Random(19);
  const inputs = Object.fromEntries(graph.inputs.map((name) => [name, random.tensor(graph.values.get(name)!.shape)]));
  const plan = makePlan(graph, await loadKernels(graph), {
    precision: 'f32',
    device: acquired.traits,
    guardElements: 64,
  });
  const session = await Session.create(acquired.device, pipelines, plan);
  const expected = runReference(graph, inputs);
  for (let round = 1; round <= 2; round++) {
    const actual = await session.run(inputs);
    for (const [name, tensor] of expected) expectClose(actual.get(name)!, tensor, { ofLargest: 1e-5 });
  }
  session.dispose();
  return plan;
}

const rootOf = (plan: Plan, value: string): string => plan.tensors.get(value)!.root;

/** Launches of one node. */
const launches = (plan: Plan, node: string): number =>
  plan.steps.find((step) => step.node.name === node)!.chosen.dispatches.length;

function image(shape: Shape = [1, 4, 3, 5]): { net: Net; x: string } {
  const net = new Net('views');
  return { net, x: net.input('x', shape) };
}

describe('concatenation', () => {
  test('of image parts in whole vec4s is written in place, the last part with its padding lanes', async () => {
    const { net, x } = image();
    const parts = [net.conv(x, 8, 'a'), net.conv(x, 4, 'b'), net.conv(x, 3, 'c')];
    const plan = await check(net.build([net.concat(parts, 1, 'all')]));
    expect(parts.map((part) => rootOf(plan, part))).toEqual(['all', 'all', 'all']);
    expect(launches(plan, 'all')).toBe(0);
  });

  test('copies only the part that starts within a vec4', async () => {
    const { net, x } = image();
    const parts = [net.conv(x, 3, 'a'), net.conv(x, 4, 'b'), net.conv(x, 5, 'c')];
    const plan = await check(net.build([net.concat(parts, 1, 'all')]));
    expect(parts.map((part) => rootOf(plan, part))).toEqual(['a', 'b', 'c']);
    expect(launches(plan, 'all')).toBe(3);
  });

  test('of image rows is in place whatever the channels', async () => {
    const { net, x } = image([2, 3, 2, 5]);
    const parts = [net.conv(x, 3, 'a'), net.conv(x, 3, 'b')];
    const plan = await check(net.build([net.concat(parts, 2, 'all')]));
    expect(launches(plan, 'all')).toBe(0);
  });

  test('of vectors is in place where parts start and end at whole vec4s, or end the whole', async () => {
    const net = new Net('vectors');
    const parts = [8, 4, 3].map((size, i) => net.neg(net.input(`x${i}`, [size]), `part${i}`));
    const plan = await check(net.build([net.concat(parts, 0, 'all')]));
    expect(parts.map((part) => rootOf(plan, part))).toEqual(['all', 'all', 'all']);
    expect(launches(plan, 'all')).toBe(0);
  });

  test('of vectors that leave an odd rest copies them', async () => {
    const net = new Net('vectors');
    const parts = [3, 4].map((size, i) => net.neg(net.input(`x${i}`, [size]), `part${i}`));
    const plan = await check(net.build([net.concat(parts, 0, 'all')]));
    expect(launches(plan, 'all')).toBe(2);
  });

  test('of one value twice copies it, since no step may read and write one buffer', async () => {
    const { net, x } = image();
    const a = net.conv(x, 4, 'a');
    const plan = await check(net.build([net.concat([a, a], 1, 'all')]));
    expect(rootOf(plan, 'a')).toBe('a');
    expect(launches(plan, 'all')).toBe(1);
  });

  test('of parts that lie evenly spaced in one tensor is one copy', async () => {
    const net = new Net('evenly spaced');
    const parts = net.split(net.input('x', [12, 4]), 0, [2, 2, 2, 2, 2, 2], 'part');
    const plan = await check(net.build([net.concat(parts, 1, 'all')]));
    expect(launches(plan, 'all')).toBe(1);
  });

  test('of parts that lie unevenly in one tensor copies each even stretch', async () => {
    const net = new Net('uneven');
    const [a, b, c, d, e, f] = net.split(net.input('x', [12, 4]), 0, [2, 2, 2, 2, 2, 2], 'part');
    const plan = await check(net.build([net.concat([a, c, e, f, d, b, a, a], 1, 'all')]));
    expect(launches(plan, 'all')).toBe(3);
  });

  test('of all parts of a split takes one launch, wherever they are written', async () => {
    const net = new Net('written in place');
    const parts = net.split(net.input('x', [12, 4]), 0, [2, 2, 2, 2, 2, 2], 'part');
    const plan = await check(net.build([net.concat(parts.toReversed(), 0, 'all')]));
    expect(launches(plan, 'part') + launches(plan, 'all')).toBe(1);
  });

  test('of images with padding lanes, all from one tensor, copies each with its lanes', async () => {
    const { net, x } = image([1, 3, 2, 5]);
    const a = net.conv(x, 3, 'a');
    await check(net.build([net.concat([a, a, a], 1, 'channels'), net.concat([a, a, a], 2, 'rows')]));
  });

  test('of tensors of eight axes copies each', async () => {
    const net = new Net('eight axes');
    const x = net.input('x', [2, 3, 2, 3, 2, 3, 2, 4]);
    const [turned] = net.add('transpose', [x], { permutation: [7, 6, 5, 4, 3, 2, 1, 0] }, 'turned');
    await check(net.build([net.concat([turned, turned], 3, 'all')]));
  });

  test('leaves a graph input where the host writes it', async () => {
    const { net, x } = image();
    const plan = await check(net.build([net.concat([x, net.conv(x, 4, 'a')], 1, 'all')]));
    expect(rootOf(plan, 'x')).toBe('x');
    expect(rootOf(plan, 'a')).toBe('all');
    expect(launches(plan, 'all')).toBe(1);
  });

  test('of concatenations is in place at every depth', async () => {
    const { net, x } = image();
    const inner = net.concat([net.conv(x, 4, 'a'), net.conv(x, 8, 'b')], 1, 'inner');
    const middle = net.concat([net.conv(x, 4, 'c'), inner], 1, 'middle');
    const plan = await check(net.build([net.concat([middle, net.conv(x, 6, 'd')], 1, 'outer')]));
    expect(['a', 'b', 'c', 'd', 'inner', 'middle'].map((value) => rootOf(plan, value))).toEqual(Array(6).fill('outer'));
    expect(plan.tensors.get('b')!.offset - plan.tensors.get('outer')!.offset).toBe(8);
  });

  test('keeps what a dense block reads and what it writes apart, and copies only the new channels', async () => {
    const { net, x } = image();
    let features = net.conv(x, 8, 'stem');
    for (const layer of ['one', 'two', 'three']) {
      features = net.concat([features, net.conv(features, 4, layer)], 1, `${layer}.all`);
    }
    const plan = await check(net.build([features]));
    for (const { node, context } of plan.steps) {
      if (node.op !== 'conv2d') continue;
      expect(context.inputs[0].root).not.toBe(context.outputs[0].root);
    }
    expect(['stem', 'one.all', 'two.all'].map((value) => rootOf(plan, value))).toEqual(Array(3).fill('three.all'));
    expect(['one.all', 'two.all', 'three.all'].map((node) => launches(plan, node))).toEqual([1, 1, 1]);
  });

  test('of a part that is an output of the graph as well gives both', async () => {
    const { net, x } = image();
    const a = net.conv(x, 4, 'a');
    const plan = await check(net.build([a, net.concat([a, net.conv(x, 4, 'b')], 1, 'all')]));
    expect(rootOf(plan, 'a')).toBe('all');
  });

  test('of the heads of a detector is written by their convolutions', async () => {
    const net = new Net('heads');
    const heads = [6, 2, 1].map((size, i) => {
      const y = net.conv(net.input(`x${i}`, [1, 4, size, size]), 8, `head${i}`);
      const [last] = net.add('transpose', [y], { permutation: [0, 2, 3, 1] }, `last${i}`);
      return net.add('reshape', [last], { shape: [1, size * size * 2, 4] }, `flat${i}`)[0];
    });
    const plan = await check(net.build([net.concat(heads, 1, 'boxes')]));
    expect(plan.steps.filter(({ chosen }) => chosen.dispatches.length > 0).map(({ node }) => node.op)).toEqual(
      Array(3).fill('conv2d'),
    );
    expect(rootOf(plan, 'head2')).toBe('boxes');
  });

  test('of the heads of a detector with odd class counts, for several pictures, is right', async () => {
    const net = new Net('heads');
    const heads = [3, 2, 1].map((size, i) => {
      const y = net.conv(net.input(`x${i}`, [2, 4, size, size]), 6, `head${i}`);
      const [last] = net.add('transpose', [y], { permutation: [0, 2, 3, 1] }, `last${i}`);
      return net.add('reshape', [last], { shape: [2, size * size * 2, 3] }, `flat${i}`)[0];
    });
    await check(net.build([net.concat(heads, 1, 'boxes')]));
  });
});

describe('views', () => {
  test('an image is split along whole vec4s of channels without a copy, and read where it lies', async () => {
    const { net, x } = image([2, 15, 3, 2]);
    const parts = net.split(net.neg(x, 'y'), 1, [4, 8, 3], 'parts');
    const plan = await check(net.build(parts.map((part, i) => net.conv(part, 3, `conv${i}`))));
    expect(parts.map((part) => rootOf(plan, part))).toEqual(['y', 'y', 'y']);
    expect(launches(plan, 'parts')).toBe(0);
  });

  test('a crop and a coarser grid of an image are read where it lies, padding lanes included', async () => {
    const { net, x } = image([1, 6, 5, 6]);
    const y = net.neg(x, 'y');
    const [crop] = net.add('slice', [y], { starts: [0, 0, 1, 2], steps: [1, 1, 1, 1], sizes: [1, 6, 3, 3] }, 'crop');
    const [grid] = net.add('slice', [y], { starts: [0, 0, 0, 1], steps: [1, 1, 2, 2], sizes: [1, 6, 3, 3] }, 'grid');
    const plan = await check(net.build([net.conv(crop, 4, 'a'), net.conv(grid, 4, 'b'), net.neg(crop, 'c')]));
    expect([rootOf(plan, crop), rootOf(plan, grid)]).toEqual(['y', 'y']);
  });

  test('an image upside down is copied', async () => {
    const { net, x } = image();
    const cut = { starts: [0, 0, 2, 0], steps: [1, 1, -1, 1], sizes: [1, 4, 3, 5] };
    const [flipped] = net.add('slice', [net.neg(x, 'y')], cut, 'flipped');
    const plan = await check(net.build([net.neg(flipped, 'z')]));
    expect(rootOf(plan, flipped)).toBe('flipped');
  });

  test('a slice of a graph input is read from the input', async () => {
    const net = new Net('slice');
    const cut = { starts: [4], steps: [1], sizes: [5] };
    const [part] = net.add('slice', [net.input('x', [11])], cut, 'part');
    const plan = await check(net.build([net.neg(part, 'y')]));
    expect(rootOf(plan, part)).toBe('x');
  });

  test('a slice that starts within a vec4 is copied', async () => {
    const net = new Net('slice');
    const cut = { starts: [3], steps: [1], sizes: [5] };
    const [part] = net.add('slice', [net.input('x', [11])], cut, 'part');
    const plan = await check(net.build([net.neg(part, 'y')]));
    expect(rootOf(plan, part)).toBe('part');
  });

  test('a row-major tensor of any size is reshaped without a copy', async () => {
    const net = new Net('reshape');
    const y = net.neg(net.input('x', [3, 7]), 'y');
    const plan = await check(net.build([net.neg(net.add('reshape', [y], { shape: [7, 3] }, 'r')[0], 'z')]));
    expect(rootOf(plan, 'r')).toBe('y');
    expect(launches(plan, 'r')).toBe(0);
  });

  test('a pooled image is flattened without a copy, with any number of channels when it is alone', async () => {
    const { net, x } = image();
    const [pooled] = net.add('global-pool2d', [net.conv(x, 7, 'a')], { fn: 'mean' }, 'pooled');
    const plan = await check(net.build([net.neg(net.add('reshape', [pooled], { shape: [1, 7] }, 'flat')[0], 'z')]));
    expect(rootOf(plan, 'flat')).toBe('pooled');
  });

  test('several pooled images whose channels leave padding lanes between them are copied', async () => {
    const { net, x } = image([2, 4, 3, 5]);
    const [pooled] = net.add('global-pool2d', [net.conv(x, 7, 'a')], { fn: 'mean' }, 'pooled');
    const plan = await check(net.build([net.neg(net.add('reshape', [pooled], { shape: [2, 7] }, 'flat')[0], 'z')]));
    expect(rootOf(plan, 'flat')).toBe('flat');
  });

  test('parts of rows are read where they lie by softmax and box decoding, which skip the rest of a row', async () => {
    const net = new Net('rows');
    const rows = net.neg(net.input('x', [2, 9, 12]), 'rows');
    const part = (start: number, size: number): string => {
      const cut = { starts: [0, 0, start], steps: [1, 1, 1], sizes: [2, 9, size] };
      return net.add('slice', [rows], cut, `from${start}`)[0];
    };
    const [shares] = net.add('softmax', [part(0, 7)], { axis: 2, log: false }, 'shares');
    const defaults = net.constant('defaults', new Random(3).tensor([9, 4], 0.1, 0.9));
    const decoding = { variances: [0.1, 0.2], clip: false } as const;
    const [boxes] = net.add('ssd-decode', [part(8, 4), defaults], decoding, 'boxes');
    const plan = await check(net.build([shares, boxes]));
    expect([launches(plan, 'from0'), launches(plan, 'from8')]).toEqual([0, 0]);
  });

  test('parts of rows that begin anywhere are read where they lie by the choice of the best value', async () => {
    const net = new Net('rows');
    const rows = net.neg(net.input('x', [1, 9, 11]), 'rows');
    const cut = { starts: [0, 0, 5], steps: [1, 1, 1], sizes: [1, 9, 6] };
    const [part] = net.add('slice', [rows], cut, 'part');
    const best = net.add('top-k', [part], { k: 1, axis: 2, largest: true }, 'best');
    expect(launches(await check(net.build(best)), 'part')).toBe(0);
    expect(launches(await check(net.build([...best, net.neg(part, 'y')])), 'part')).toBe(1);
  });

  test('parts of rows are copied for a reader that wants them without gaps, and to be read back', async () => {
    const net = new Net('rows');
    const rows = net.neg(net.input('x', [2, 9, 12]), 'rows');
    const cut = { starts: [0, 0, 4], steps: [1, 1, 1], sizes: [2, 9, 8] };
    const [part] = net.add('slice', [rows], cut, 'part');
    const [shares] = net.add('softmax', [part], { axis: 2, log: false }, 'shares');
    expect(launches(await check(net.build([shares, net.neg(part, 'y')])), 'part')).toBe(1);
    expect(launches(await check(net.build([shares, part])), 'part')).toBe(1);
  });

  test('a split whose parts are concatenated in another order is right', async () => {
    const { net, x } = image([1, 8, 3, 5]);
    const [a, b] = net.split(net.conv(x, 8, 'y'), 1, [4, 4], 'parts');
    await check(net.build([net.concat([b, a], 1, 'swapped')]));
  });

  test('a slice of a part joined to that part is right', async () => {
    const { net, x } = image([1, 8, 3, 5]);
    const y = net.conv(x, 8, 'y');
    const cut = { starts: [0, 4, 0, 0], steps: [1, 1, 1, 1], sizes: [1, 4, 3, 5] };
    await check(net.build([net.concat([y, net.add('slice', [y], cut, 'half')[0]], 1, 'all')]));
  });
});
