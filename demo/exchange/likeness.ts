import type { Classification } from '../../src';
import { similarity } from '../../src/tasks';
import type { ChosenPicture } from '../pictures';

/** As many pictures as a list of labels is long. */
const MOST = 5;

interface Described {
  readonly name: string;
  readonly vector: Float32Array;
}

/** The pictures that were described so far, the latest first. */
let seen: readonly Described[] = [];

/** How alike a picture is to those before it, the likest first. */
export function likeness(vector: Float32Array, { name, credit }: ChosenPicture): Classification[] {
  const own = /^(https?:|own-)/.test(name) || !name ? credit : name;
  const others = seen.filter((one) => one.name !== own && one.vector.length === vector.length);
  seen = [{ name: own, vector }, ...others].slice(0, MOST + 1);
  return others
    .map((other, index) => ({ label: `like ${other.name}`, score: similarity(vector, other.vector), index }))
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST);
}
