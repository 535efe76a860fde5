import { expect, test } from 'vitest';
import { writtenAs } from '../../demo/lid/graph/fusion';
import { layer } from '../../demo/lid/graph/layering';
import { GraphBuilder } from '../../src/graph/builder';
import { optimise } from '../../src/graph/passes';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { Tensor } from '../../src/tensor';

test('a chain is drawn as a straight line, a rank for each', () => {
  const { places, lines, ranks } = layer(
    new Map([
      ['a', []],
      ['b', ['a']],
      ['c', ['b']],
    ]),
  );
  expect(ranks).toBe(3);
  expect([...places.values()].map(({ rank }) => rank)).toEqual([0, 1, 2]);
  expect(new Set([...places.values()].map(({ x }) => x)).size).toBe(1);
  expect(lines.map(({ from, to }) => from + to)).toEqual(['ab', 'bc']);
});

test('nodes of a rank keep apart, and a line that skips ranks passes beside them', () => {
  const { places, lines } = layer(
    new Map([
      ['in', []],
      ['left', ['in']],
      ['right', ['in']],
      ['deep', ['left']],
      ['out', ['deep', 'right', 'in']],
    ]),
  );
  expect(Math.abs(places.get('left')!.x - places.get('right')!.x)).toBeGreaterThanOrEqual(1 - 1e-9);
  const skip = lines.find(({ from, to }) => from === 'in' && to === 'out')!;
  expect(skip.through.map(({ rank }) => rank)).toEqual([1, 2, 3]);
  for (const { x, rank } of skip.through.slice(0, -1)) {
    for (const place of places.values()) if (place.rank === rank) expect(Math.abs(place.x - x)).toBeGreaterThan(0.5);
  }
});

test('a node of the fused network knows the nodes that it was made of', async () => {
  const net = new GraphBuilder('fused');
  const x = net.input('x', [1, 1, 4, 4]);
  const weight = net.constant('weight', Tensor.float32([1, 1, 1, 1], [2]));
  const bias = net.constant('bias', Tensor.float32([1]));
  const attributes = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const sum = net.add('conv2d', [x, weight, bias], { ...NO_EPILOGUE, ...attributes }, 'sum');
  const source = net.build(net.add('unary', sum, { fn: 'relu', alpha: 0, beta: 0 }, 'y'));
  const fused = await optimise(source, { software: false });
  expect(fused.nodes).toHaveLength(1);
  expect(writtenAs(source, fused, fused.nodes[0]).map(({ op }) => op)).toEqual(['conv2d', 'unary']);
  expect(writtenAs(source, source, source.nodes[1]).map(({ op }) => op)).toEqual(['unary']);
});
