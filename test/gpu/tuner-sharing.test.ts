import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { readSafetensors } from '../../src/formats/safetensors';
import { PORTABLE_DEVICE, profileOf } from '../../src/gpu/adapter-profile';
import type { Outcome } from '../../src/gpu/candidate-trials';
import type { Candidate } from '../../src/gpu/kernel';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan } from '../../src/gpu/plan';
import { planGraph } from '../../src/gpu/plan-graph';
import type { Session } from '../../src/gpu/session';
import type { Timing } from '../../src/gpu/stopwatch';
import { shortlist, tune, tuningKey } from '../../src/gpu/tuner';
import { MemoryTuningCache } from '../../src/gpu/tuning-cache';
import { claimAll, inTurn } from '../../src/gpu/tuning-claims';
import { raceOf, winnerOf } from '../../src/gpu/tuning-race';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { buildVisionModel } from '../../src/models';
import { testDevice } from '../support/gpu';

const { acquired, pipelines } = await testDevice();
const where = { ...acquired, pipelines };
const engine = await Engine.create({ gpu: await createNodeGpu() });
afterAll(() => engine.dispose());

/** Softmaxes of rows of these lengths, each of which can run in three ways. */
function softmaxes(...lengths: readonly number[]): Graph {
  const builder = new GraphBuilder('softmaxes');
  const outputs = lengths.map((length, i) => {
    const x = builder.input(`x${i}`, [2, length]);
    return builder.add('softmax', [x], { axis: 1, log: false }, `softmax${i}`)[0];
  });
  return builder.build(outputs);
}

const draftOf = async (graph: Graph): Promise<Plan> =>
  makePlan(graph, await loadKernels(graph), { precision: 'f32', device: acquired.traits });

test('two loads at once of one network measure it once', async () => {
  const options = { tune: { cache: new MemoryTuningCache(), budgetMs: Infinity } };
  const graph = softmaxes(70, 105);
  const models = await Promise.all([engine.load(graph, options), engine.load(graph, options)]);
  const [first, second] = models.map(({ tuning }) => tuning!);
  expect(first.measurements).toBeGreaterThan(0);
  expect(second.measurements).toBe(0);
  expect(second.steps.map(({ source }) => source)).toEqual(['cached', 'cached']);
  const choices = ({ steps }: typeof first) => steps.map(({ kernel, setting, timeMs }) => [kernel, setting, timeMs]);
  expect(choices(second)).toEqual(choices(first));
  for (const model of models) model.dispose();
});

test('two loads at once share the layers that they have in common, whichever asked first', async () => {
  const cache = new MemoryTuningCache();
  const options = { cache, budgetMs: Infinity };
  const [first, second] = await Promise.all([
    tune(await draftOf(softmaxes(70, 105)), where, options),
    tune(await draftOf(softmaxes(105, 33)), where, options),
  ]);
  expect(first.steps.map(({ source }) => source)).toEqual(['measured', 'measured']);
  expect(second.steps.map(({ source }) => source)).toEqual(['cached', 'measured']);
});

test('a load that has time measures what another had no time for', async () => {
  const cache = new MemoryTuningCache();
  const draft = await draftOf(softmaxes(70));
  const [hasty, patient] = await Promise.all([
    tune(draft, where, { cache, budgetMs: 0 }),
    tune(draft, where, { cache, budgetMs: Infinity }),
  ]);
  expect(hasty.steps[0].source).toBe('guess');
  expect(patient.steps[0].source).toBe('measured');
});

test('what two loads measure at once does not run at once', async () => {
  const cache = new MemoryTuningCache();
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push(`${name} ends`);
    if (name === 'a') throw new Error('a fails');
  };
  const [a, b] = [inTurn(cache, work('a')), inTurn(cache, work('b'))];
  await expect(a).rejects.toThrow('a fails');
  await b;
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a claim holds until it is settled, for those who share a cache', async () => {
  const cache = new MemoryTuningCache();
  const claim = (name: string, of = cache) => claimAll<string, number>(of, [name], (key) => key);
  const { own } = claim('a');
  const { others } = claim('a');
  expect(claim('b').own).toHaveLength(1);
  expect(claim('a', new MemoryTuningCache()).own).toHaveLength(1);
  own[0].settle(3);
  expect(await others[0].claim).toBe(3);
  expect(claim('a').own).toHaveLength(1);
});

test('what ran before is remembered, and a network that shares layers with it measures only its others', async () => {
  const cache = new MemoryTuningCache();
  await tune(await draftOf(softmaxes(70)), where, { cache, budgetMs: Infinity });
  const { steps } = await tune(await draftOf(softmaxes(70, 33)), where, { cache, budgetMs: Infinity });
  expect(steps.map(({ node, source }) => [node, source])).toEqual([
    ['softmax0', 'cached'],
    ['softmax1', 'measured'],
  ]);
});

/** A candidate that took so long, by a clock with steps of 2 · `uncertaintyMs`. */
const took = (setting: string, timeMs: number, uncertaintyMs = 0): Outcome & { readonly timing: Timing } => ({
  candidate: { kernel: 'k', setting, dispatches: [] },
  session: { setting } as unknown as Session,
  timing: { timeMs, method: 'timestamp', repeats: 1, uncertaintyMs },
});
const winnerAmong = (outcomes: readonly Outcome[], again: readonly number[]): string | undefined => {
  const sessions = outcomes.flatMap((outcome) => (outcome.timing ? outcome.session : []));
  const confirmed = new Map(sessions.map((session, i) => [session, took('', again[i]).timing]));
  return winnerOf(raceOf(outcomes), confirmed)?.candidate.setting;
};

test('the default stays unless another is clearly faster twice', () => {
  const failed: Outcome = { candidate: took('broken', 0).candidate, reason: 'does not compile' };
  expect(winnerAmong([took('default', 1), took('tie', 1), took('hardly', 0.98)], [1, 0.5, 0.5])).toBe('default');
  expect(winnerAmong([took('default', 1), took('faster', 0.5)], [1, 0.5])).toBe('faster');
  expect(winnerAmong([took('default', 1), took('once', 0.5)], [0.5, 0.5])).toBe('default');
  expect(winnerAmong([took('default', 1, 0.3), took('within the step', 0.6, 0.3)], [1, 0.5])).toBe('default');
  expect(raceOf([failed, took('default', 1)]).first?.candidate.setting).toBe('default');
  expect(winnerOf(raceOf([failed]), new Map())).toBeUndefined();
});

test('a slower way does not replace the default, and a faster one does', async () => {
  const draft = await draftOf(softmaxes(70));
  const [step] = draft.steps;
  const [once] = step.candidates;
  const often: Candidate = { ...once, setting: 'often', dispatches: new Array(400).fill(once.dispatches[0]) };
  const winnerOfTwo = async (...candidates: readonly Candidate[]) => {
    const plan = { ...draft, steps: [{ ...step, candidates }] };
    return (await tune(plan, where, { cache: new MemoryTuningCache(), budgetMs: Infinity })).steps[0].setting;
  };
  expect(await winnerOfTwo(once, often)).toBe(once.setting);
  // Another program may disturb a reading, and then the default stays.
  await expect.poll(() => winnerOfTwo(often, once), { timeout: 60_000 }).toBe(once.setting);
});

const named = (...names: readonly string[]): Candidate[] =>
  names.map((name) => ({ kernel: name.split(' ')[0], setting: name.split(' ')[1] ?? '', dispatches: [] }));

test('the likely candidates are the default, its next tile and the best guess of the next kernel', () => {
  const all = named('pointwise 4×4', 'pointwise 4×8', 'pointwise 8×8', 'tiled 4×4', 'tiled 4×8', 'conv2d-naive');
  const words = (list: readonly Candidate[]) => list.map(({ kernel, setting }) => `${kernel} ${setting}`);
  expect(words(shortlist(all))).toEqual(['pointwise 4×4', 'pointwise 4×8', 'tiled 4×4']);
  expect(words(shortlist(named('split 8', 'pointwise 4×4', 'tiled 4×4', 'conv2d-naive')))).toEqual([
    'split 8',
    'pointwise 4×4',
    'tiled 4×4',
  ]);
  expect(words(shortlist(named('dense 16', 'dense 1', 'dense-naive')))).toEqual(['dense 16', 'dense 1']);
  expect(words(shortlist(named('conv2d-naive')))).toEqual(['conv2d-naive ']);
});

test('the three networks have few enough likely candidates and pipelines to be tuned at a start', async () => {
  const profile = profileOf({ vendor: 'nvidia', software: false, subgroups: true });
  const kinds = new Map<string, readonly Candidate[]>();
  for (const name of ['classifier', 'detector', 'segmenter'] as const) {
    const note = async (draft: Plan) => {
      for (const { context, candidates } of draft.steps) {
        if (candidates.length > 1) kinds.set(`${name}: ${tuningKey(context, 'f32')}`, shortlist(candidates));
      }
      return ([first]: readonly Candidate[]) => first;
    };
    const file = readSafetensors(readFileSync(`weights/${name}.safetensors`), name);
    await planGraph(buildVisionModel(file, name).graph, {
      precision: 'f32',
      device: { ...PORTABLE_DEVICE, profile },
      tune: note,
    });
  }
  const pipelinesOf = (list: readonly Candidate[]) =>
    list.flatMap(({ dispatches }) =>
      dispatches.map((d) => JSON.stringify([d.shader.name, d.constants, d.subgroupSize])),
    );
  const all = [...kinds.values()];
  const defaults = new Set(all.flatMap(([first]) => pipelinesOf([first])));
  const more = new Set(all.flatMap(pipelinesOf).filter((pipeline) => !defaults.has(pipeline)));
  // At 0.4 ms a candidate, and 5 ms a pipeline on four threads: 0.3 s.
  expect(all.flat().length).toBeLessThanOrEqual(400);
  expect(more.size).toBeLessThanOrEqual(110);
});
