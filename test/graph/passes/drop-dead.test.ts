import { test } from 'vitest';
import { dropDead } from '../../../src/graph/passes/drop-dead';
import { expectPass } from '../../support/rewrites';

test('nodes that nobody reads or that change nothing are dropped', () => {
  expectPass(
    dropDead,
    (net, x) => {
      net.conv(x, 8, 'unread');
      const same = net.add('reshape', [net.unary(x, 'identity')], { shape: [2, 4, 5, 6] }, 'same')[0];
      return net.unary(same, 'relu');
    },
    ['unary relu(x) -> relu'],
  );
});
