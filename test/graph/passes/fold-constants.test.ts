import { test } from 'vitest';
import { foldConstants } from '../../../src/graph/passes/fold-constants';
import { runReferenceNode } from '../../../src/reference';
import { expectPass } from '../../support/rewrites';

test('what depends on constants alone is computed at load', () => {
  expectPass(
    foldConstants(runReferenceNode),
    (net, x) => net.binary(x, net.unary(net.binary(net.weights([4, 1, 1]), net.scalar(2), 'mul', 'k'), 'exp'), 'add'),
    ['binary add(x) -> add'],
  );
});
