import { afterAll, beforeAll, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { tidyExported } from '../../src/graph/passes/tidy-exported';
import { runReference } from '../../src/reference';
import { expectClose } from '../support/expect-close';
import { Random } from '../support/random';
import { RANDOM_NETWORK_TOLERANCE, randomNetwork } from '../support/random-network';

/** Views, layouts, shared memory and passes meet in more ways than anybody writes down. */

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine?.dispose());

test.each(Array.from({ length: 8 }, (_, group) => group))(
  'networks at random give what the reference gives (%i)',
  async (group) => {
    for (let seed = 15 * group; seed < 15 * group + 15; seed++) {
      const { graph, inputs } = randomNetwork(seed);
      const expected = runReference(graph, inputs);
      const random = new Random(seed);
      const ways = [
        { graph, options: { optimise: false, guardElements: 64 } },
        { graph, options: {} },
        { graph: tidyExported(graph), options: {} },
        {
          graph,
          options: {
            choose: <T>(candidates: readonly T[]) => candidates[Math.floor(random.next() * candidates.length)],
          },
        },
      ];
      for (const [way, { graph: network, options }] of ways.entries()) {
        const model = await engine.load(network, options);
        const actual = await model.run(inputs);
        model.dispose();
        for (const [name, tensor] of expected) {
          expectClose(actual[name], tensor, RANDOM_NETWORK_TOLERANCE, `${name}: seed ${seed}, way ${way}`);
        }
      }
    }
  },
);
