import { test } from 'vitest';
import { zerosToPadding } from '../../../src/graph/passes/zeros-to-padding';
import { Tensor } from '../../../src/tensor';
import { expectPass } from '../../support/rewrites';

test('concatenation with zeros is padding', () => {
  expectPass(
    zerosToPadding,
    (net, x) => {
      const zeros = (...shape: number[]): string => net.constant('zeros', Tensor.float32(shape));
      const deeper = net.add('concat', [x, zeros(2, 3, 5, 6), zeros(2, 1, 5, 6)], { axis: 1 }, 'channels')[0];
      const taller = net.add('concat', [zeros(2, 8, 1, 6), deeper], { axis: 2 }, 'rows')[0];
      return net.add('concat', [taller, net.weights([2, 8, 6, 1])], { axis: 3 }, 'columns')[0];
    },
    ['pad(x) -> channels', 'pad(channels) -> rows', 'concat(rows) -> columns'],
  );
});
