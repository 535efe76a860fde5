/** Something to do within a time, and the share of all the time that it should take. */
export interface Part {
  readonly name: string;
  readonly share: number;
  /** @param ms how long it may take: it takes fewer samples where that is short, and at least one of each kind */
  run(ms: number): Promise<unknown>;
}

/** How long a part took, and what became of it. */
export interface Ran {
  readonly part: string;
  readonly seconds: number;
  /** The message of the error that ended it. */
  readonly problem?: string;
}

/**
 * Runs parts one after the other. What one leaves of its time goes to all that follow, what it takes too much is taken from
 * them; a part that fails does not keep the others from running.
 *
 * @param clock the time, in milliseconds
 */
export async function runParts(
  parts: readonly Part[],
  totalMs: number,
  say: (line: string) => void,
  clock: () => number = () => performance.now(),
): Promise<Ran[]> {
  const end = clock() + totalMs;
  let shares = parts.reduce((sum, { share }) => sum + share, 0);
  const ran: Ran[] = [];
  for (const { name, share, run } of parts) {
    const start = clock();
    const ms = Math.max(0, ((end - start) * share) / shares);
    shares -= share;
    say(`${name}: up to ${(ms / 1000).toFixed(0)} s`);
    let problem: string | undefined;
    try {
      await run(ms);
    } catch (error) {
      problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      say(`${name} FAILED: ${problem}`);
    }
    ran.push({ part: name, seconds: (clock() - start) / 1000, ...(problem !== undefined && { problem }) });
  }
  return ran;
}

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
