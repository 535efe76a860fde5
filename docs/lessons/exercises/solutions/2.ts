/** Exercise 1. */
export const placeOf = (
  channel: number,
  row: number,
  column: number,
  [, channels, , width]: readonly [n: number, c: number, h: number, w: number],
): number => {
  const blocks = Math.ceil(channels / 4);
  return ((row * width + column) * blocks + Math.floor(channel / 4)) * 4 + (channel % 4);
};
