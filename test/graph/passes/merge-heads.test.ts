import { expect, test } from 'vitest';
import { mergeHeads } from '../../../src/graph/passes/merge-heads';
import { expectPass, Net, TO_LAST, window2 } from '../../support/rewrites';

/** `[N, A · width, H, W]` of a convolution as rows `[N, H · W · A, width]`. */
const rowsOf = (net: Net, x: string, perPixel: number, width: number, name: string): string => {
  const y = net.conv(x, perPixel * width, name);
  const [batch, , height, columns] = net.shape(y);
  const last = net.transpose(y, TO_LAST, `${name}.last`);
  return net.add('reshape', [last], { shape: [batch, height * columns * perPixel, width] }, `${name}.rows`)[0];
};
const joinRows = (net: Net, rows: readonly string[], name: string): string =>
  net.add('concat', rows, { axis: 1 }, name)[0];

test('heads that read the same maps become one, of which each is a part of the rows', () => {
  expectPass(
    mergeHeads,
    (net, x) => {
      const small = net.add('max-pool2d', [x], { ...window2, ceilMode: false }, 'small')[0];
      const classes = joinRows(net, [rowsOf(net, x, 2, 7, 'a'), rowsOf(net, small, 3, 7, 'b')], 'classes');
      const likely = net.add('softmax', [classes], { axis: 2, log: false }, 'likely')[0];
      const offsets = joinRows(net, [rowsOf(net, x, 2, 4, 'c'), rowsOf(net, small, 3, 4, 'd')], 'offsets');
      return net.add('concat', [likely, offsets], { axis: 2 }, 'both')[0];
    },
    [
      'max-pool2d(x) -> small',
      'conv2d(x) -> a.joined',
      'transpose(a.joined) -> a.last.joined',
      'reshape(a.last.joined) -> a.rows.joined',
      'conv2d(small) -> b.joined',
      'transpose(b.joined) -> b.last.joined',
      'reshape(b.last.joined) -> b.rows.joined',
      'concat(a.rows.joined, b.rows.joined) -> classes.joined',
      'slice(classes.joined) -> classes',
      'softmax(classes) -> likely',
      'slice(classes.joined) -> offsets',
      'concat(likely, offsets) -> both',
    ],
  );
});

test('heads of other maps, windows or rows per pixel stay apart', () => {
  const untouched = (build: (net: Net, x: string) => string[]): void => {
    const net = new Net('test');
    const graph = net.build(build(net, net.input('x', [2, 4, 5, 6])));
    expect(mergeHeads(graph).nodes).toEqual(graph.nodes);
  };
  const head = (net: Net, x: string, perPixel: number, width: number, name: string): string =>
    joinRows(net, [rowsOf(net, x, perPixel, width, `${name}1`), rowsOf(net, x, perPixel, width, `${name}2`)], name);
  untouched((net, x) => [head(net, x, 2, 3, 'a'), head(net, net.unary(x, 'abs'), 2, 3, 'b')]);
  untouched((net, x) => [head(net, x, 2, 3, 'a'), head(net, x, 1, 6, 'b')]);
  untouched((net, x) => [head(net, x, 2, 3, 'a'), head(net, x, 2, 4, 'b'), 'b1']);
});
