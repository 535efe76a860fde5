import { setTimeout as sleep } from 'node:timers/promises';
import { compareTensors } from '../../src/compare-tensors';
import { Engine } from '../../src/engine';
import { DeviceLostError, DisposedError } from '../../src/errors';
import { runReference } from '../../src/reference';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { randomInput, smallNetwork } from '../support/networks';
import { Random } from '../support/random';
import { tinyClassifier } from '../support/tiny-models';
import { keptGpu } from './files';
import { openCamera } from './frames';
import type { Job, Tally } from './tally';

const TOLERANCE = { ofLargest: 1e-4 };
/** Longer than any of the work takes, compiling aside. */
const LATEST_LOSS_MS = 60;
/** After a loss the work ends within the 2 s for which news of it is waited for, and the rest of its own time. */
const MOST_WAIT_MS = 30_000;

const graph = smallNetwork();
const inputs = randomInput(graph);
const [output] = graph.outputs;
const expected = runReference(graph, inputs).get(output)!;

type Work = (engine: Engine) => Promise<unknown>;

/** What a device is lost in the middle of. */
const MOMENTS: Readonly<Record<string, Work>> = {
  load: (engine) => engine.load(smallNetwork()),
  run: async (engine) => (await engine.load(graph)).run(inputs),
  tune: (engine) => engine.load(graph, { tune: { budgetMs: 200 } }),
  profile: async (engine) => (await engine.load(graph)).run(inputs, { profile: true }),
  live: async (engine) => {
    const classifier = await ImageClassifier.load(engine, tinyClassifier());
    const camera = await openCamera(engine, { classifier });
    const picture = { data: new Uint8Array(16 * 16 * 4), width: 16, height: 16 };
    for (let frame = 0; frame < 5; frame++) await camera.show(picture);
    camera.dispose();
  },
  dispose: async (engine) => {
    const model = await engine.load(graph);
    const run = model.run(inputs);
    model.dispose();
    await run;
  },
};

/** The device is lost at some moment of some work: the work succeeds or says so in Fovea's words, and the engine goes on. */
export async function losses({ seed, from, count }: Job, tally: Tally, at: (item: number) => void): Promise<void> {
  const gpu = await keptGpu();
  const names = Object.keys(MOMENTS);
  let engine = await Engine.create({ gpu });
  for (let loss = from; loss < from + count; loss++) {
    at(loss);
    const random = new Random(seed * 7919 + loss);
    const name = names[loss % names.length];
    const what = `loss ${loss} of seed ${seed}, during ${name}`;
    const { device } = engine;
    const lost = sleep(random.next() * LATEST_LOSS_MS).then(() => device.destroy());
    try {
      const work = MOMENTS[name](engine);
      await Promise.race([work, sleep(MOST_WAIT_MS).then(() => Promise.reject(new Error('it never ends')))]);
      tally.count('succeeded');
    } catch (error) {
      if (error instanceof DeviceLostError) tally.count('lost');
      else if (error instanceof DisposedError && name === 'dispose') tally.count('disposed');
      else tally.fail('escape', `${(error as Error)?.stack ?? error} at ${what}`);
    }
    await lost;
    await device.lost;
    try {
      // A second loss in these moments is none of ours, so that this succeeds.
      const model = await engine.load(graph);
      const { mismatch } = compareTensors((await model.run(inputs))[output], expected, TOLERANCE);
      if (mismatch) tally.fail('wrong', `after ${what} "${output}" ${mismatch}`);
      model.dispose();
    } catch (error) {
      tally.fail('escape', `${(error as Error)?.stack ?? error} after ${what}`);
    }
    // Models that the work left behind end with their engine.
    if (loss % 10 === 9) {
      engine.dispose();
      engine = await Engine.create({ gpu });
    }
  }
  engine.dispose();
}
