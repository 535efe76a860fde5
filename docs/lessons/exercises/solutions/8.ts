/** Exercise 1. */
export const sourceOf = (channel: number, channels: number, groups: number): number =>
  (channel % groups) * (channels / groups) + Math.floor(channel / groups);

/** Exercise 2. */
export const undoingGroups = (channels: number, groups: number): number => channels / groups;
