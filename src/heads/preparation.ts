import { ArgumentError } from '../errors';
import type { PictureSpec } from '../picture';

/** Settings, and who says so. */
export type Source<T> = readonly [from: string, settings: T];

/** Takes each setting from the first source that has it, and keeps from which. */
export function choose<T extends object>(
  sources: readonly Source<Partial<T>>[],
): { chosen: T; from: Record<string, string> } {
  const chosen: Record<string, unknown> = {};
  const from: Record<string, string> = {};
  for (const [name, settings] of sources) {
    for (const [key, value] of Object.entries(settings)) {
      if (value === undefined || Object.hasOwn(chosen, key)) continue;
      chosen[key] = value;
      from[key] = name;
    }
  }
  return { chosen: chosen as T, from };
}

/** Numbers that no picture can be prepared with, as a damaged file beside a network may hold them. */
const CHECKS = {
  mean: { isFit: (mean: readonly number[]) => mean.every(Number.isFinite), expected: 'finite numbers' },
  std: {
    isFit: (std: readonly number[]) => std.every((value) => Number.isFinite(value) && value !== 0),
    expected: 'finite numbers other than 0',
  },
  keep: { isFit: (keep: number) => keep > 0 && keep < Infinity, expected: 'a share above 0' },
} as const;

/**
 * The same for pictures. Whoever says how a picture is fitted says with it how much of it is kept: a share that only a later
 * source has is for the fit that it has itself.
 *
 * @throws ArgumentError naming the source of a number that no picture can be prepared with
 */
export function choosePreparation(sources: readonly Source<Partial<PictureSpec>>[]) {
  const { fit: fitted } = choose<PictureSpec>(sources).from;
  const last = sources.findIndex(([name]) => name === fitted);
  const found = choose<PictureSpec>(
    sources.map(([name, settings], k) => [name, k > last ? { ...settings, keep: undefined } : settings]),
  );
  for (const [key, { isFit, expected }] of Object.entries(CHECKS)) {
    const value = found.chosen[key as keyof typeof CHECKS];
    if (value === undefined || (isFit as (value: unknown) => boolean)(value)) continue;
    throw new ArgumentError(`${key} of pictures must be ${expected}, got ${value} from ${found.from[key]}`);
  }
  return found;
}
