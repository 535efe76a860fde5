import { expect, test } from 'vitest';
import { GraphBuilder } from '../../../src/graph/builder';
import { foldConstants } from '../../../src/graph/passes/fold-constants';
import { runReferenceNode } from '../../../src/reference';
import { Tensor } from '../../../src/tensor';
import { expectPass } from '../../support/rewrites';

test('what depends on constants alone is computed at load', () => {
  expectPass(
    foldConstants(runReferenceNode),
    (net, x) => net.binary(x, net.unary(net.binary(net.weights([4, 1, 1]), net.scalar(2), 'mul', 'k'), 'exp'), 'add'),
    ['binary add(x) -> add'],
  );
});

test('what costs more than it is worth is left to the GPU', () => {
  const b = new GraphBuilder('giant');
  const x = b.input('x', [1]);
  const one = b.constant('one', Tensor.float32([1], [1]));
  const [giant] = b.add('expand', [one], { shape: [2 ** 28] });
  const [small] = b.add('expand', [one], { shape: [2 ** 10] });
  const [a] = b.add('binary', [x, giant], { fn: 'add' });
  const [c] = b.add('binary', [x, small], { fn: 'add' });
  const folded = foldConstants(runReferenceNode)(b.build([a, c]));
  expect(folded.nodes.map(({ op }) => op)).toEqual(['expand', 'binary', 'binary']);
  expect([...folded.constants.keys()]).toEqual([one, small]);
});
