import { test } from 'vitest';
import { optimise } from '../../../src/graph/passes';
import { tidyExported } from '../../../src/graph/passes/tidy-exported';
import { runReference } from '../../../src/reference';
import { expectClose } from '../../support/expect-close';
import { RANDOM_NETWORK_TOLERANCE, randomNetwork } from '../../support/random-network';

/** Networks in all: two nodes that a pass must not fuse meet in one of a few hundred. */
const NETWORKS = 3000;
const GROUPS = 10;

test.each(Array.from({ length: GROUPS }, (_, group) => group))(
  'the passes together change nothing that networks at random compute (%i)',
  async (group) => {
    for (let seed = group; seed < NETWORKS; seed += GROUPS) {
      const { graph, inputs } = randomNetwork(seed);
      const expected = runReference(graph, inputs);
      const tidied = tidyExported(graph);
      const rewritten = {
        tidied,
        onGpu: await optimise(tidied, { software: false }),
        fused: await optimise(graph, { software: true }),
      };
      for (const [how, network] of Object.entries(rewritten)) {
        const actual = runReference(network, inputs);
        for (const [name, tensor] of expected) {
          expectClose(actual.get(name)!, tensor, RANDOM_NETWORK_TOLERANCE, `${name}: seed ${seed}, ${how}`);
        }
      }
    }
  },
);
