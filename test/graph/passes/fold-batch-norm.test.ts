import { test } from 'vitest';
import { foldBatchNorm } from '../../../src/graph/passes/fold-batch-norm';
import { expectPass, plain } from '../../support/rewrites';

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
