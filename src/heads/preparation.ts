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
