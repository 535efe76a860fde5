import { expect } from 'vitest';
import { FoveaError } from '../../src/errors';
import { Random } from '../support/random';

/** How many damaged files each run of the fuzz tests reads in all; `FOVEA_FUZZ_CASES` asks for more, `FOVEA_FUZZ_SEED` for others. */
export const FUZZ_CASES = Number(process.env.FOVEA_FUZZ_CASES ?? 10_000);
const SEED = Number(process.env.FOVEA_FUZZ_SEED ?? 1);

/** What one damaged file may cost: processor time, so that a busy machine does not count, and resident memory. */
const MOST_SECONDS = 1;
const MOST_BYTES = 512e6;

/**
 * Reads files that `make` makes: each is read, or refused with one of Fovea's own errors, within bounded time and
 * memory. The message of a failure has the file in base64.
 */
export function fuzz(cases: number, make: (random: Random) => Uint8Array, read: (bytes: Uint8Array) => void): void {
  const random = new Random(SEED);
  const memoryBefore = process.resourceUsage().maxRSS * 1024;
  for (let i = 0; i < cases; i++) {
    const bytes = make(random);
    const describe = (): string =>
      `case ${i} of seed ${SEED}, ${Buffer.from(bytes).toString('base64').slice(0, 20_000)}`;
    const before = process.cpuUsage();
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof FoveaError)) throw new Error(`${String(error)} in ${describe()}`, { cause: error });
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1e6 > MOST_SECONDS) expect.fail(`took ${(user + system) / 1e6} s: ${describe()}`);
    // The peak of the whole process since it started.
    const grown = process.resourceUsage().maxRSS * 1024 - memoryBefore;
    if (grown > MOST_BYTES) expect.fail(`memory grew by ${grown / 1e6} MB: ${describe()}`);
  }
}
