import type { Bounds } from '../../demo/bounds/bounds';
import type { LayerWork } from '../roofline';
import type { CaseCounts } from './cases';
import type { Costs } from './costs';
import type { Frames } from './frames';
import type { Description, Measurements } from './measurements';
import type { VariantsReport } from './variants';

export type PlaceName = 'node' | 'chrome';

export type MeasurementName = keyof Measurements;
type Argument<K extends MeasurementName> = Parameters<Measurements[K]>[0];
type Result<K extends MeasurementName> = Awaited<ReturnType<Measurements[K]>>;

/** Somewhere to measure: a process of Node, or fresh browsers. */
export interface Place {
  readonly name: PlaceName;
  /** Goes before addresses. */
  readonly origin: string;
  /** @param mostMs after which it is cut off: what it told until then is the result */
  call<K extends MeasurementName>(name: K, argument: Argument<K>, mostMs: number): Promise<Result<K>>;
  close(): void;
}

/** Hears lines for the terminal, and of problems, which are kept. */
export interface Listener {
  say(line: string): void;
  problem(line: string): void;
}

/** All that was measured in one place; what failed is left out. */
export interface PlaceReport {
  description?: Description;
  bounds?: Bounds;
  costs?: Costs;
  readonly cases: CaseCounts[];
  readonly frames: (Frames & { readonly downloadBytes: number })[];
  readonly layers: LayerWork[];
  readonly variants: VariantsReport[];
}

/**
 * The result of a measurement or, where it takes too long or breaks off, what it told of itself until then.
 *
 * @param measure is given a function that takes results so far
 * @throws Error where it told nothing
 */
export async function withinTime(
  measure: (tell: (partial: unknown) => void) => Promise<unknown>,
  mostMs: number,
  { say, problem }: Listener,
): Promise<unknown> {
  let told: unknown;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, mostMs, 'late');
  });
  try {
    const work = measure((partial) => {
      told = partial;
    });
    const result = await Promise.race([work.then((value) => ({ value })), late]);
    if (result !== 'late') return result.value;
    // Whoever measures is ended, and its failure is no news.
    work.catch(() => {});
  } catch (error) {
    if (told === undefined) throw error;
    problem(`broke off: ${error instanceof Error ? error.message : error}`);
    return told;
  } finally {
    clearTimeout(timer);
  }
  if (told === undefined) throw new Error(`no result within ${Math.round(mostMs / 1000)} s`);
  say('  cut off: its time is up');
  return told;
}
