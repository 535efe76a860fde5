import { expect, test } from 'vitest';
import { PORTABLE_DEVICE, profileOf } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan } from '../../src/gpu/plan';
import { planGraph } from '../../src/gpu/plan-graph';
import { sharePipelines } from '../../src/gpu/share-pipelines';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { Random } from '../support/random';

const PROFILE = profileOf({ software: true, subgroups: true, subgroupSize: 4 });
const deviceWhere = (pipelineLoads: number) => ({ ...PORTABLE_DEVICE, profile: { ...PROFILE, pipelineLoads } });

/** 1×1 convolutions of these channels at 16², one after the other, with these activations in turns. */
function chainOf(channels: readonly number[], activations = [NO_EPILOGUE.activation]): Graph {
  const random = new Random(2);
  const builder = new GraphBuilder('chain');
  let value = builder.input('x', [1, channels[0], 16, 16], 'float32');
  for (const [k, outputs] of channels.slice(1).entries()) {
    const weight = builder.constant(`w${k}`, random.tensor([outputs, channels[k], 1, 1]));
    const bias = builder.constant(`b${k}`, random.tensor([outputs]));
    const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
    const activation = activations[k % activations.length];
    const attributes = { ...NO_EPILOGUE, ...window, activation };
    [value] = builder.add('conv2d', [value, weight, bias], attributes, `conv${k}`);
  }
  return builder.build([value]);
}

const graph = chainOf([64, 16, 48, 96, 12]);
const plan = makePlan(graph, await loadKernels(graph, PROFILE), { precision: 'f32', device: deviceWhere(0) });

const loadsOf = ({ steps }: Plan): number => steps.reduce((sum, { chosen }) => sum + (chosen.loads ?? 0), 0);
const pipelinesOf = ({ steps }: Plan): number =>
  new Set(
    steps.flatMap(({ chosen: { dispatches } }) =>
      dispatches.map(({ shader, constants }) => `${shader.name} ${JSON.stringify(constants)}`),
    ),
  ).size;

test('pipelines that cost nothing leave each layer its fastest kernel', () => {
  const shared = sharePipelines(plan, deviceWhere(0));
  expect(shared.steps.map(({ chosen }) => chosen)).toEqual(plan.steps.map(({ candidates }) => candidates[0]));
  expect(pipelinesOf(shared)).toBeGreaterThan(1);
});

test('the dearer pipelines are, the fewer a plan has, and the more loads its frames', () => {
  const shared = [0, 100, 1000, 10_000, 1e9].map((price) => sharePipelines(plan, deviceWhere(price)));
  const counts = shared.map(pipelinesOf);
  const loads = shared.map(loadsOf);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  expect(loads).toEqual(loads.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBe(1);
});

test('a shared plan costs less than the fastest one, pipelines counted', () => {
  const price = 10_000;
  const costOf = (some: Plan): number => loadsOf(some) + price * pipelinesOf(some);
  expect(costOf(sharePipelines(plan, deviceWhere(price)))).toBeLessThan(costOf(plan));
});

test('a pipeline that compiles for longer has to save more loads', async () => {
  const small = chainOf([32, 32, 20, 12, 32]);
  const fastest = makePlan(small, await loadKernels(small, PROFILE), { precision: 'f32', device: deviceWhere(0) });
  const stationaryWhere = (compileCost: number): number => {
    const steps = fastest.steps.map((step) => {
      const candidates = step.candidates.map((one) =>
        one.kernel.endsWith('stationary') ? { ...one, compileCost } : one,
      );
      return { ...step, candidates, chosen: candidates[0] };
    });
    const shared = sharePipelines({ ...fastest, steps }, deviceWhere(1000));
    return shared.steps.filter(({ chosen }) => chosen.kernel.endsWith('stationary')).length;
  };
  expect([1, 100].map(stationaryWhere)).toEqual([4, 0]);
});

test('a pipeline for layers of several sizes stands in for one of each', async () => {
  const small = chainOf([4, 8, 12, 20, 28, 16]);
  const fastest = makePlan(small, await loadKernels(small, PROFILE), { precision: 'f32', device: deviceWhere(0) });
  expect(pipelinesOf(fastest)).toBe(5);
  const shared = sharePipelines(fastest, deviceWhere(3000));
  expect(pipelinesOf(shared)).toBeLessThan(4);
  expect(shared.steps.map(({ chosen }) => chosen.setting)).toContain('up to 8 blocks');
});

test('where pipelines are dear, layers with several activations share one, and elsewhere none does', async () => {
  const activations = (['relu', 'sigmoid', 'silu'] as const).map((fn) => ({ ...NO_EPILOGUE.activation, fn }));
  const mixed = chainOf([64, 64, 64, 64, 64, 64, 64], activations);
  const fastest = makePlan(mixed, await loadKernels(mixed, PROFILE), { precision: 'f32', device: deviceWhere(0) });
  const choosing = (price: number): number =>
    sharePipelines(fastest, deviceWhere(price)).steps.filter(({ chosen }) => chosen.setting.endsWith('any activation'))
      .length;
  expect([0, 1e5].map(choosing)).toEqual([0, 6]);
});

test('a choice that somebody else has made stays', async () => {
  const options = { precision: 'f32', device: deviceWhere(1e9) } as const;
  const slowest = await planGraph(graph, { ...options, choose: (candidates) => candidates.at(-1)! });
  expect(slowest.steps.map(({ chosen }) => chosen.kernel)).toEqual(
    slowest.steps.map(({ candidates }) => candidates.at(-1)!.kernel),
  );
});
