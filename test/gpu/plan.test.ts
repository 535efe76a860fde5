import { expect, test } from 'vitest';
import { UnsupportedOperatorError } from '../../src/errors';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import { GraphBuilder } from '../../src/graph/builder';

const device = {
  software: false,
  subgroups: false,
  limits: {
    maxComputeWorkgroupSizeX: 256,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeWorkgroupsPerDimension: 65535,
    maxBufferSize: 2 ** 28,
  },
};

test('every node that no kernel runs is named, with the reason', async () => {
  const net = new GraphBuilder('odd');
  const x = net.input('x', new Array<number>(9).fill(2));
  // Nine axes in reverse leave no two that one step covers.
  const [reversed] = net.add('transpose', [x], { permutation: [8, 7, 6, 5, 4, 3, 2, 1, 0] }, 'reversed');
  const [added] = net.add('binary', [reversed, x], { fn: 'add' }, 'added');
  // Every other axis is kept: five runs of them.
  const [sums] = net.add('reduce', [added], { fn: 'sum', axes: [1, 3, 5, 7], keepDims: true }, 'sums');
  const graph = net.build([sums]);
  await loadKernels(graph);
  const plan = (): unknown => makePlan(graph, { precision: 'f32', device });
  expect(plan).toThrow(UnsupportedOperatorError);
  expect(plan).toThrow(
    /transpose "reversed": \[2, .*\] takes a walk over 9 axes, more than 8; .*reduce "sums": no kernel fits/,
  );
});
