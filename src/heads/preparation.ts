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

/**
 * The same for pictures. Whoever says how a picture is fitted says with it how much of it is kept: a share that only a later
 * source has is for the fit that it has itself.
 */
export function choosePreparation(sources: readonly Source<Partial<PictureSpec>>[]) {
  const { fit: fitted } = choose<PictureSpec>(sources).from;
  const last = sources.findIndex(([name]) => name === fitted);
  return choose<PictureSpec>(
    sources.map(([name, settings], k) => [name, k > last ? { ...settings, keep: undefined } : settings]),
  );
}
