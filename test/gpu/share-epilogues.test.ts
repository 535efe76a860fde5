import { expect, test } from 'vitest';
import { PORTABLE_DEVICE, profileOf } from '../../src/gpu/adapter-profile';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan, type PlanOptions } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { shareEpilogues } from '../../src/gpu/share-epilogues';
import { GraphBuilder } from '../../src/graph/builder';
import { type Epilogue, NO_EPILOGUE } from '../../src/operators/epilogue';
import type { Tensor } from '../../src/tensor';
import { testDevice } from '../support/gpu';
import { Random } from '../support/random';

const { acquired, pipelines } = await testDevice();

const RELU: Epilogue = { ...NO_EPILOGUE, activation: { ...NO_EPILOGUE.activation, fn: 'relu' } };
const SIGMOID: Epilogue = { ...NO_EPILOGUE, activation: { ...NO_EPILOGUE.activation, fn: 'sigmoid' } };
const SILU: Epilogue = { ...NO_EPILOGUE, activation: { fn: 'silu', alpha: 1.5, beta: 0 } };
const ADDED: Epilogue = { ...NO_EPILOGUE, residual: 'after-activation' };
const ADDED_BEFORE_RELU: Epilogue = { ...RELU, residual: 'before-activation' };
const ADDED_AFTER_RELU: Epilogue = { ...RELU, residual: 'after-activation' };
const SHAPE = [1, 6, 5, 4] as const;

type Conv = (from: string, name: string, epilogue: Epilogue, ...residual: string[]) => string;

/** 1×1 convolutions of one shape, each with an epilogue of its own. Positive weights, so that ∞ stays ∞. */
async function planOf(
  build: (conv: Conv, x: string) => string[],
  choose?: PlanOptions['choose'],
  device: PlanOptions['device'] = acquired.traits,
): Promise<Plan> {
  const random = new Random(5);
  const builder = new GraphBuilder('epilogues');
  const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const conv: Conv = (from, name, epilogue, ...residual) => {
    const weight = builder.constant(`${name}.w`, random.tensor([6, 6, 1, 1], 0.1, 1));
    const bias = builder.constant(`${name}.b`, random.tensor([6]));
    return builder.add('conv2d', [from, weight, bias, ...residual], { ...epilogue, ...window }, name)[0];
  };
  const graph = builder.build(build(conv, builder.input('x', SHAPE, 'float32')));
  return makePlan(graph, await loadKernels(graph), { precision: 'f32', device, choose });
}

const plan = await planOf((conv, x) => {
  const bare = conv(x, 'bare', NO_EPILOGUE);
  const relu = conv(x, 'relu', RELU);
  const added = conv(relu, 'added', ADDED_BEFORE_RELU, bare);
  return [bare, relu, added, conv(bare, 'bare again', NO_EPILOGUE), conv(x, 'sigmoid', SIGMOID)];
});

const linearBesideRelu = await planOf((conv, x) => {
  const relu = conv(x, 'relu', RELU);
  return [relu, conv(relu, 'linear', ADDED, x)];
});

const bothOrders = await planOf((conv, x) => {
  const before = conv(x, 'before', ADDED_BEFORE_RELU, x);
  const after = conv(x, 'after', ADDED_AFTER_RELU, x);
  return [before, after, conv(x, 'relu', RELU), conv(x, 'linear', ADDED, x)];
});

const twoTiles = await planOf(
  (conv, x) => [conv(x, 'first tile', ADDED, x), conv(x, 'last tile', NO_EPILOGUE)],
  (candidates, { node }) => {
    const tiles = candidates.filter(({ kernel }) => kernel === 'conv2d-pointwise');
    return tiles.at(node.name === 'first tile' ? 0 : -1)!;
  },
);

const severalActivations = (device?: PlanOptions['device']): Promise<Plan> =>
  planOf(
    (conv, x) => {
      const relu = conv(x, 'relu', RELU);
      const silu = conv(relu, 'silu', SILU);
      return [relu, silu, conv(x, 'sigmoid', SIGMOID), conv(silu, 'linear', ADDED, x)];
    },
    // Adapters without quads have no such candidates.
    (candidates) => candidates.find(({ setting }) => setting.endsWith('any activation')) ?? candidates[0],
    device,
  );

/** Launches whose shaders would pay too much for zeros to add. */
const withoutZeros: Plan = {
  ...plan,
  steps: plan.steps.map((step) => {
    const dispatches = step.chosen.dispatches.map((dispatch) => ({
      ...dispatch,
      ...(dispatch.epilogue && { epilogue: { ...dispatch.epilogue, blocks: undefined } }),
    }));
    return { ...step, chosen: { ...step.chosen, dispatches } };
  }),
};

const epilogues = ({ steps }: Plan): string[] =>
  steps
    .flatMap(({ chosen }) => chosen.dispatches)
    .filter(({ constants }) => 'ACTIVATION' in constants)
    .map(({ constants: { ACTIVATION, RESIDUAL } }) => `${ACTIVATION}/${RESIDUAL}`);

test('identity and ReLU, with and without a residual, are one pipeline; a sigmoid is another', () => {
  expect(epilogues(plan)).toEqual(['0/0', '1/0', '1/1', '0/0', '3/0']);
  expect(epilogues(shareEpilogues(plan))).toEqual(['1/1', '1/1', '1/1', '1/1', '3/0']);
});

test('a residual without activation and an activation without residual are one pipeline with both', () => {
  expect(epilogues(linearBesideRelu)).toEqual(['1/0', '0/2']);
  expect(epilogues(shareEpilogues(linearBesideRelu))).toEqual(['1/2', '1/2']);
});

test('launches of another tile add zeros as well, so that networks which use either tile share it', () => {
  expect(new Set(twoTiles.steps.map(({ chosen }) => chosen.setting)).size).toBe(2);
  expect(epilogues(twoTiles)).toEqual(['0/2', '0/0']);
  expect(epilogues(shareEpilogues(twoTiles))).toEqual(['1/2', '1/2']);
});

test('a shader that would pay too much for zeros shares its activation alone', () => {
  expect(epilogues(shareEpilogues(withoutZeros))).toEqual(['1/0', '1/0', '1/1', '1/0', '3/0']);
});

test('a residual before the activation stays before, and one after it after', () => {
  expect(epilogues(bothOrders)).toEqual(['1/1', '1/2', '1/0', '0/2']);
  expect(epilogues(shareEpilogues(bothOrders))).toEqual(['1/1', '1/2', '1/1', '1/1']);
});

test('launches that may choose their activation are one pipeline with the activations of all', async () => {
  const profile = profileOf({ software: true, subgroups: true, subgroupSize: 4 });
  const apart = await severalActivations({ ...PORTABLE_DEVICE, profile });
  const dispatches = (some: Plan) => some.steps.flatMap(({ chosen }) => chosen.dispatches);
  expect(dispatches(apart).map(({ constants }) => constants.ACTIVATIONS)).toEqual([1 << 1, 1 << 4, 1 << 3, 1]);
  const shared = dispatches(shareEpilogues(apart));
  const all = (1 << 1) | (1 << 3) | (1 << 4);
  expect(shared.map(({ constants }) => constants)).toEqual(
    Array(4).fill(expect.objectContaining({ ACTIVATION: 0, RESIDUAL: 2, ACTIVATIONS: all })),
  );
  expect(shared.map(({ params }) => params.activation)).toEqual([1, 4, 3, 1]);
});

test.each([
  ['five epilogues', plan],
  ['two epilogues', linearBesideRelu],
  ['four epilogues', bothOrders],
  ['two tiles', twoTiles],
  ['several activations', await severalActivations()],
  ['launches without zeros', withoutZeros],
])('sharing among %s changes no number, infinities and NaN included', async (_, apart) => {
  const x = new Random(9).tensor(SHAPE) as Tensor<'float32'>;
  x.data.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 3e38], 0);
  const run = async (what: Plan): Promise<Map<string, Tensor>> => {
    const session = await Session.create(acquired.device, pipelines, what);
    const result = await session.run({ x });
    session.dispose();
    return result;
  };
  const [expected, actual] = [await run(apart), await run(shareEpilogues(apart))];
  for (const [output, { data }] of expected) expect(actual.get(output)!.data).toEqual(data);
  const seen = [...expected.values()].flatMap(({ data }) => Array.from<number>(data));
  expect([Infinity, NaN].map((value) => seen.includes(value))).toEqual([true, true]);
});
