import { parseNumber } from '../src/cli/format';
import { ArgumentError } from '../src/errors';
import type { SteadyBounds } from './page';

/** How much is measured. */
export interface Sizes {
  /** Fresh pages for each pair of an engine and a network. */
  readonly rounds: number;
  /** Larger inputs of Fovea's own networks are cut to this. */
  readonly mostSide: number;
  readonly steady: SteadyBounds;
  /** After this time no pair is measured again. */
  readonly lastRepeatMs: number;
}

/** Fits into ten minutes on two cores without a GPU, where other engines take seconds for a frame. */
export const SOFTWARE: Sizes = {
  rounds: 2,
  mostSide: 128,
  steady: { leastRuns: 1, leastMs: 1000, mostRuns: 20 },
  lastRepeatMs: 9.25 * 60_000,
};

export const HARDWARE: Sizes = {
  rounds: 3,
  mostSide: Number.POSITIVE_INFINITY,
  steady: { leastRuns: 30, leastMs: 1500, mostRuns: 500 },
  lastRepeatMs: Number.POSITIVE_INFINITY,
};

export const COMMON_OPTIONS = {
  networks: { type: 'string' },
  rounds: { type: 'string' },
  full: { type: 'boolean', default: false },
  native: { type: 'boolean', default: false },
} as const;

/** The number of rounds that the option asks for, or the default. @throws ArgumentError */
export const roundsOf = (text: string | undefined, { rounds }: Sizes): number =>
  text === undefined ? rounds : parseNumber('rounds', text, { integer: true, least: 1 });

/** @throws ArgumentError that names an unknown entry */
export function chosen<T extends string>(list: string, known: readonly T[]): T[] {
  return list.split(',').map((name) => {
    const found = known.find((other) => other === name);
    if (!found) throw new ArgumentError(`"${name}" is not one of ${known.join(', ')}`);
    return found;
  });
}
