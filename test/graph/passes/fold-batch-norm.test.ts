import { test } from 'vitest';
import { foldBatchNorm } from '../../../src/graph/passes/fold-batch-norm';
import { NO_EPILOGUE } from '../../../src/operators/epilogue';
import { expectPass, type Net, plain } from '../../support/rewrites';

test('batch normalisation is folded into the convolution before it', () => {
  expectPass(foldBatchNorm, (net, x) => net.norm(net.conv(x, 6, 'conv')), ['conv2d(x) -> norm']);
});

test('batch normalisation is folded into a grouped transposed convolution', () => {
  expectPass(
    foldBatchNorm,
    (net, x) => {
      const attributes = { ...plain, stride: [2, 2], outputPadding: [1, 0], groups: 2 } as const;
      const [y] = net.add('conv-transpose2d', [x, net.weights([4, 3, 3, 3]), net.weights([6])], attributes, 'up');
      return net.norm(y);
    },
    ['conv-transpose2d(x) -> norm'],
  );
});

test('batch normalisation stays where another node reads the convolution too', () => {
  expectPass(
    foldBatchNorm,
    (net, x) => {
      const y = net.conv(x, 4, 'conv');
      return net.binary(net.norm(y), y, 'add');
    },
    ['conv2d(x) -> conv', 'batch-norm(conv) -> norm', 'binary add(norm, conv) -> add'],
  );
});

test('batch normalisation is folded into a dense layer over rows, whose outputs are its channels, and into no other', () => {
  const dense = (net: Net, x: string): string =>
    net.norm(net.add('dense', [x, net.weights([4, net.shape(x).at(-1)!]), net.weights([4])], NO_EPILOGUE, 'dense')[0]);
  const rows = (net: Net, x: string): string => net.add('reshape', [x], { shape: [2, 120] }, 'rows')[0];
  expectPass(foldBatchNorm, (net, x) => dense(net, rows(net, x)), ['reshape(x) -> rows', 'dense(rows) -> norm']);
  expectPass(foldBatchNorm, dense, ['dense(x) -> dense', 'batch-norm(dense) -> norm']);
});
