import { compareTensors } from '../../src/compare-tensors';
import { Engine } from '../../src/engine';
import { runReference } from '../../src/reference';
import type { Tensor } from '../../src/tensor';
import { classifierNetwork, randomInput, segmenterNetwork, smallNetwork } from '../support/networks';
import { Random } from '../support/random';
import { keptGpu } from './files';
import { breathe, type Job, type Tally } from './tally';

const TOLERANCE = { ofLargest: 1e-3 };
const CALLS = 20;
const INPUTS = 5;

/** Callers of one engine at the same time, each with inputs, models and moments of its own: no answer is another's. */
export async function callers({ seed, from, count }: Job, tally: Tally, at: (item: number) => void): Promise<void> {
  const engine = await Engine.create({ gpu: await keptGpu() });
  const networks = [smallNetwork(), classifierNetwork(), segmenterNetwork()];
  const shared = await Promise.all(networks.map((network) => engine.load(network)));
  const known = networks.map((graph) =>
    Array.from({ length: INPUTS }, (_, i) => {
      const inputs = randomInput(graph, i + 1);
      return { inputs, expected: runReference(graph, inputs) };
    }),
  );
  const check = (actual: Record<string, Tensor>, expected: Map<string, Tensor>, who: string): void => {
    tally.count('answers');
    for (const [name, tensor] of expected) {
      const { mismatch } = compareTensors(actual[name], tensor, TOLERANCE);
      if (mismatch) tally.fail('wrong', `"${name}" for ${who} ${mismatch}`);
    }
  };
  const call = async (caller: number): Promise<void> => {
    const random = new Random(seed * 104_729 + caller);
    const below = (limit: number): number => Math.floor(random.next() * limit);
    for (let round = 0; round < CALLS; round++) {
      at(caller);
      await breathe();
      const network = below(networks.length);
      const { inputs, expected } = known[network][below(INPUTS)];
      const who = `caller ${caller} in round ${round} of seed ${seed}`;
      try {
        if (below(4) > 0) check(await shared[network].run(inputs), expected, who);
        else {
          const own = await engine.load(networks[network]);
          check(await own.run(inputs), expected, who);
          own.dispose();
        }
      } catch (error) {
        tally.fail('escape', `${(error as Error)?.stack ?? error} for ${who}`);
      }
    }
  };
  await Promise.all(Array.from({ length: count }, (_, i) => call(from + i)));
  for (const model of shared) model.dispose();
  if (engine.memory().totalBytes !== 0) tally.fail('growth', `${engine.memory().totalBytes} bytes stay on the GPU`);
  engine.dispose();
}
