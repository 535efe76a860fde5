import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder';
import { answersOf } from './answers';

const { trafficOf, mayFuse } = await answersOf<typeof import('./solutions/4')>(4);

test('exercise 1: a fused chain reads once and writes once', () => {
  expect(trafficOf(1_000, 3, false)).toBe(24_000);
  expect(trafficOf(1_000, 3, true)).toBe(8_000);
  expect(trafficOf(10, 1, true)).toBe(trafficOf(10, 1, false));
});

const relu = { fn: 'relu', alpha: 0, beta: 0 } as const;

/** x → first → second, and perhaps somebody else who wants what the first one made. */
function chain(other: 'nobody' | 'another node' | 'the graph'): Parameters<typeof mayFuse> {
  const b = new GraphBuilder('chain');
  const x = b.input('x', [1, 4, 2, 2]);
  const [first] = b.add('unary', [x], relu, 'first');
  const [second] = b.add('unary', [first], { ...relu, fn: 'tanh' }, 'second');
  const outputs = [second];
  if (other === 'the graph') outputs.push(first);
  if (other === 'another node') outputs.push(...b.add('unary', [first], { ...relu, fn: 'abs' }, 'third'));
  const graph = b.build(outputs);
  return [graph, graph.nodes[0]];
}

test('exercise 2: a value that nobody else reads need not be written', () => {
  expect(mayFuse(...chain('nobody'))).toBe(true);
});

test('exercise 2: a value that another node reads must be written', () => {
  expect(mayFuse(...chain('another node'))).toBe(false);
});

test('exercise 2: a value that the graph gives must be written', () => {
  expect(mayFuse(...chain('the graph'))).toBe(false);
});
