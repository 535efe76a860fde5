/** Exercise 1. */
export const loadsPerMultiplyAdd = (pixels: number, channels: number): number => 1 / channels + 1 / pixels;

/** Exercise 2. */
export const productsSaved = (tile: number): number => (9 * tile ** 2) / (tile + 2) ** 2;
