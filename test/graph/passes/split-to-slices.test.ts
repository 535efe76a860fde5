import { expect, test } from 'vitest';
import { splitToSlices } from '../../../src/graph/passes/split-to-slices';
import { expectPass, lines, Net } from '../../support/rewrites';

test('a split of which one part in three is read becomes a slice of it', () => {
  expectPass(
    splitToSlices,
    (net, x) => {
      const [, part] = net.add('split', [x], { axis: 2, sizes: [2, 1, 2] }, 'split', ['a', 'b', 'c']);
      return net.unary(part, 'relu');
    },
    ['slice(x) -> b', 'unary relu(b) -> relu'],
  );
});

test('a split of which most parts are read stays, and a part that is an output counts as read', () => {
  const net = new Net('test');
  const parts = net.add('split', [net.input('x', [3, 2])], { axis: 0, sizes: [1, 1, 1] }, 'split', ['a', 'b', 'c']);
  const graph = net.build([net.unary(parts[0], 'relu'), parts[2]]);
  expect(lines(splitToSlices(graph))).toEqual(['split(x) -> a, b, c', 'unary relu(a) -> relu']);
});

test('parts that nobody reads are values no more', () => {
  const net = new Net('test');
  const parts = net.add('split', [net.input('x', [3, 2])], { axis: 0, sizes: [1, 1, 1] }, 'split', ['a', 'b', 'c']);
  expect([...splitToSlices(net.build([parts[1]])).values.keys()]).toEqual(['x', 'b']);
});
