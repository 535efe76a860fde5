/** Something to measure within a time, and the share of its group's time that it should take. */
export interface Part {
  readonly name: string;
  readonly share: number;
  /**
   * @param ms how long it should take: it takes fewer samples where that is short, and at least one
   * @param mostMs how long it may take: a measurement that is still under way then is cut off
   */
  run(ms: number, mostMs: number): Promise<unknown>;
}

/** Parts that share a time which they keep to, and the share of all the time that they may take. */
export interface Group {
  readonly share: number;
  readonly parts: readonly Part[];
}

/** How long a part took, and what became of it. */
export interface Ran {
  readonly part: string;
  readonly seconds: number;
  /** Set where its group's time was up before its turn came. */
  readonly leftOut?: true;
  /** The message of the error that ended it. */
  readonly problem?: string;
}

/** The share of its time after which a part should begin no further sample, so that the last one can end. */
const SAMPLING = 0.8;

/**
 * Runs groups one after the other, each within its share of the time, and what one leaves goes to all that follow. Within
 * a group a slow part may take the time of those after it, which then are left out. A part that fails does not keep the
 * others from running.
 *
 * @param clock the time, in milliseconds
 */
export async function runGroups(
  groups: readonly Group[],
  totalMs: number,
  say: (line: string) => void,
  clock: () => number = () => performance.now(),
): Promise<Ran[]> {
  const end = clock() + totalMs;
  let shares = sumOfShares(groups);
  const ran: Ran[] = [];
  for (const { share, parts } of groups) {
    const start = clock();
    ran.push(...(await runParts(parts, start + ((end - start) * share) / shares, say, clock)));
    shares -= share;
  }
  return ran;
}

async function runParts(
  parts: readonly Part[],
  end: number,
  say: (line: string) => void,
  clock: () => number,
): Promise<Ran[]> {
  let shares = sumOfShares(parts);
  const ran: Ran[] = [];
  for (const { name, share, run } of parts) {
    const start = clock();
    const mostMs = end - start;
    if (mostMs <= 0) {
      say(`${name}: left out, its time is up`);
      ran.push({ part: name, seconds: 0, leftOut: true });
      continue;
    }
    const ms = (SAMPLING * mostMs * share) / shares;
    shares -= share;
    say(`${name}: ${(ms / 1000).toFixed(0)} s, at most ${(mostMs / 1000).toFixed(0)}`);
    let problem: string | undefined;
    try {
      await run(ms, mostMs);
    } catch (error) {
      problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      say(`${name} FAILED: ${problem}`);
    }
    ran.push({ part: name, seconds: (clock() - start) / 1000, ...(problem !== undefined && { problem }) });
  }
  return ran;
}

const sumOfShares = (list: readonly { readonly share: number }[]): number =>
  list.reduce((sum, { share }) => sum + share, 0);

/**
 * The places 0 to `count` - 1 in an order in which every beginning is spread over all of them: steps of the golden
 * ratio, as Kronecker sequences have them.
 */
export function spread(count: number): number[] {
  const ratio = (Math.sqrt(5) - 1) / 2;
  return Array.from({ length: count }, (_, i) => [(i * ratio) % 1, i] as const)
    .sort(([a], [b]) => a - b)
    .map(([, i], place) => [i, place] as const)
    .sort(([a], [b]) => a - b)
    .map(([, place]) => place);
}

/** Whether there is time for another of some samples; the first `least` are taken in any case. */
export function sampler(ms: number, least: number, clock: () => number = () => performance.now()): () => boolean {
  const end = clock() + ms;
  let taken = 0;
  return () => taken++ < least || clock() < end;
}
