import { expect, test } from 'vitest';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { shareEpilogues } from '../../src/gpu/share-epilogues';
import { GraphBuilder } from '../../src/graph/builder';
import { type Epilogue, NO_EPILOGUE } from '../../src/graph/operators';
import type { Tensor } from '../../src/tensor';
import { testDevice } from '../support/gpu';
import { Random } from '../support/random';

const { acquired, pipelines } = await testDevice();

const RELU: Epilogue = { ...NO_EPILOGUE, activation: { ...NO_EPILOGUE.activation, fn: 'relu' } };
const SIGMOID: Epilogue = { ...NO_EPILOGUE, activation: { ...NO_EPILOGUE.activation, fn: 'sigmoid' } };
const ADDED_BEFORE_RELU: Epilogue = { ...RELU, residual: 'before-activation' };
const SHAPE = [1, 6, 5, 4] as const;

/** Five 1×1 convolutions of one shape, each with an epilogue of its own. Positive weights, so that ∞ stays ∞. */
function network() {
  const random = new Random(5);
  const builder = new GraphBuilder('epilogues');
  const x = builder.input('x', SHAPE, 'float32');
  const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const conv = (from: string, name: string, epilogue: Epilogue, ...residual: string[]): string => {
    const weight = builder.constant(`${name}.w`, random.tensor([6, 6, 1, 1], 0.1, 1));
    const bias = builder.constant(`${name}.b`, random.tensor([6]));
    return builder.add('conv2d', [from, weight, bias, ...residual], { ...epilogue, ...window }, name)[0];
  };
  const bare = conv(x, 'bare', NO_EPILOGUE);
  const relu = conv(x, 'relu', RELU);
  const added = conv(relu, 'added', ADDED_BEFORE_RELU, bare);
  return builder.build([bare, relu, added, conv(bare, 'bare again', NO_EPILOGUE), conv(x, 'sigmoid', SIGMOID)]);
}

const graph = network();
await loadKernels(graph);

const plan = makePlan(graph, { precision: 'f32', device: acquired.traits });

const epilogues = ({ steps }: Plan): string[] =>
  steps
    .flatMap(({ chosen }) => chosen.dispatches)
    .filter(({ constants }) => 'ACTIVATION' in constants)
    .map(({ constants: { ACTIVATION, RESIDUAL } }) => `${ACTIVATION}/${RESIDUAL}`);

test('identity and ReLU, with and without a residual, are one pipeline; a sigmoid is another', () => {
  expect(epilogues(plan)).toEqual(['0/0', '1/0', '1/1', '0/0', '3/0']);
  expect(epilogues(shareEpilogues(plan))).toEqual(['1/1', '1/1', '1/1', '1/1', '3/0']);
});

test('a shared epilogue changes no number, infinities and NaN included', async () => {
  const x = new Random(9).tensor(SHAPE) as Tensor<'float32'>;
  x.data.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 3e38], 0);
  const run = async (what: Plan): Promise<Map<string, Tensor>> => {
    const session = await Session.create(acquired.device, pipelines, what);
    const result = await session.run({ x });
    session.dispose();
    return result;
  };
  const [shared, apart] = [await run(shareEpilogues(plan)), await run(plan)];
  for (const output of graph.outputs) expect(shared.get(output)!.data).toEqual(apart.get(output)!.data);
  const bare = Array.from(shared.get('bare')!.data);
  expect([Infinity, -Infinity, NaN].map((value) => bare.includes(value))).toEqual([true, true, true]);
});
