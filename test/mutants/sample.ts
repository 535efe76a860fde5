import { Random } from '../support/random';
import { type Mutant, mutantsOf } from './wgsl';

export interface Job {
  readonly seed: number;
  readonly count: number;
  /** A part of the shaders' names. */
  readonly only: string;
  readonly from: number;
}

export interface ShaderMutant extends Mutant {
  readonly shader: string;
  readonly original: string;
}

/** A mutant that does not compile says nothing about the tests. */
export type Outcome =
  | { readonly kind: 'caught'; readonly by: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'invalid' };

const SOURCES = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** Shaders that other tests than an operator's cases hold: pictures, masks, drawing. */
const NOT_OPERATORS = /^(picture|segment-mask|draw-)/;

/** Mutants drawn from all operators' shaders, each as likely as any other. */
export function sampleOf({ seed, count, only }: Job): ShaderMutant[] {
  const random = new Random(seed);
  const all = Object.entries(SOURCES)
    .map(([path, source]) => ({ name: path.slice(path.lastIndexOf('/') + 1, -'.wgsl'.length), source }))
    .filter(({ name }) => name.includes(only) && !NOT_OPERATORS.test(name))
    .flatMap(({ name, source }) => mutantsOf(source).map((mutant) => ({ ...mutant, shader: name, original: source })));
  // Fisher and Yates 1938, in Durstenfeld's version.
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count);
}
