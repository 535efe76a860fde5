import { expect, test } from 'vitest';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { GraphBuilder } from '../../src/graph/builder';
import { Tensor } from '../../src/tensor';
import { testDevice } from '../support/gpu';

test('gather: an index outside the axis gives 0 and reads nothing', async () => {
  const { acquired, pipelines } = await testDevice();
  const builder = new GraphBuilder('outside');
  const inputs = [builder.input('x', [2, 3]), builder.input('indices', [5], 'int32')];
  const graph = builder.build(builder.add('gather', inputs, { axis: 1 }, 'y'));
  const plan = makePlan(graph, await loadKernels(graph), { precision: 'f32', device: acquired.traits });
  const session = await Session.create(acquired.device, pipelines, plan);
  const results = await session.run({
    x: Tensor.float32([2, 3], [1, 2, 3, 4, 5, 6]),
    indices: Tensor.int32([5], [0, 3, -4, -1, 2 ** 31 - 1]),
  });
  session.dispose();
  expect([...results.get('y')!.data]).toEqual([1, 0, 0, 3, 0, 4, 0, 0, 6, 0]);
});
