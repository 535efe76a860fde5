import { ArgumentError } from './errors';

/** What was given instead, in a word: `undefined`, `3`, `Float32Array`, `an object`. */
export function kindOf(given: unknown): string {
  if (Object(given) !== given) return String(given).slice(0, 100);
  const kind = Object.prototype.toString.call(given).slice(8, -1);
  return kind === 'Object' ? 'an object' : kind;
}

/** Bytes however they are held, or undefined for anything else. */
export function asBytes(given: unknown): Uint8Array | undefined {
  if (given instanceof Uint8Array) return given;
  // Of whichever realm.
  return ['[object ArrayBuffer]', '[object SharedArrayBuffer]'].includes(Object.prototype.toString.call(given))
    ? new Uint8Array(given as ArrayBuffer)
    : undefined;
}

/**
 * Refuses options that a call does not know: most are misspelt.
 *
 * @param known all that it knows, as the type of the options has them
 * @throws ArgumentError naming the nearest that it knows
 */
export function checkOptions<T extends object>(given: T, known: Readonly<Record<keyof T, true>>): void {
  if (Object(given) !== given) throw new ArgumentError(`options must be an object, got ${kindOf(given)}`);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(known, name)) continue;
    const [nearest] = Object.keys(known).sort((a, b) => distance(name, a) - distance(name, b));
    throw new ArgumentError(`unknown option "${name}": is "${nearest}" meant?`);
  }
}

/** How many letters have to be changed, added or taken away (Levenshtein 1966); capitals do not count. */
function distance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}
