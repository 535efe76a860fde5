/** Exercise 1. */
export const otsu = (histogram: readonly number[]): number => {
  const all = histogram.reduce((sum, count) => sum + count, 0);
  const total = histogram.reduce((sum, count, level) => sum + count * level, 0);
  let [threshold, best, count, sum] = [0, 0, 0, 0];
  for (const [level, pixels] of histogram.entries()) {
    count += pixels;
    sum += pixels * level;
    if (count === 0 || count === all) continue;
    const distance = sum / count - (total - sum) / (all - count);
    const variance = (count / all) * (1 - count / all) * distance ** 2;
    if (variance > best) [threshold, best] = [level, variance];
  }
  return threshold;
};

/** Exercise 2. */
export const countThings = (mask: readonly number[], width: number): number => {
  const rest = new Set(mask.flatMap((isThing, pixel) => (isThing ? [pixel] : [])));
  let things = 0;
  for (const first of rest) {
    things++;
    const queue = [first];
    while (queue.length > 0) {
      const pixel = queue.pop()!;
      if (!rest.delete(pixel)) continue;
      if (pixel % width > 0) queue.push(pixel - 1);
      if (pixel % width < width - 1) queue.push(pixel + 1);
      queue.push(pixel - width, pixel + width);
    }
  }
  return things;
};
