import { readFileSync } from 'node:fs';
import { Random } from '../support/random';

/** One change to one file. */
export interface Mutant {
  /** From the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly from: string;
  readonly to: string;
  readonly original: string;
  /** The whole file, changed. */
  readonly source: string;
}

/** A change as a mutator of a language makes it. */
export type Change = Omit<Mutant, 'file' | 'original'>;

export interface Job {
  readonly seed: number;
  readonly count: number;
  /** A part of the files' names. */
  readonly only: string;
}

/** What a child process does: the mutants of a file, from an index on. Drawing them anew would read changed sources. */
export interface ChildJob {
  readonly sampleFile: string;
  readonly from: number;
}

export const readSample = ({ sampleFile }: ChildJob): Mutant[] => JSON.parse(readFileSync(sampleFile, 'utf8'));

/** A mutant that does not compile says nothing about the tests. */
export type Outcome =
  | { readonly kind: 'caught'; readonly by: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'invalid' };

/** Mutants of all files, each as likely to be drawn as any other. */
export function drawMutants(
  sources: ReadonlyMap<string, string>,
  mutate: (source: string) => Change[],
  { seed, count, only }: Job,
): Mutant[] {
  const random = new Random(seed);
  const all = [...sources]
    .filter(([file]) => file.includes(only))
    .flatMap(([file, original]) => mutate(original).map((change): Mutant => ({ ...change, file, original })));
  // Fisher and Yates 1938, in Durstenfeld's version.
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count);
}
