import { test } from 'vitest';
import { foldPadding } from '../../../src/graph/passes/fold-padding';
import { expectPass } from '../../support/rewrites';

test('zero padding moves into the convolution', () => {
  expectPass(
    foldPadding,
    (net, x) => {
      const attributes = { mode: 'constant', before: [0, 0, 1, 0], after: [0, 0, 2, 1], value: 0 } as const;
      return net.conv(net.add('pad', [x], attributes, 'pad')[0], 4, 'conv');
    },
    ['conv2d(x) -> conv'],
  );
});
