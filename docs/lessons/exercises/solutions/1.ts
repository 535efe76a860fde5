/** Exercise 1. */
export const outputOf = (patch: readonly number[], kernel: readonly number[], bias: number): number => {
  const sum = patch.reduce((total, value, i) => total + value * kernel[i], bias);
  return Math.min(Math.max(sum, 0), 6);
};

/** Exercise 2. */
export const outputSize = (input: number, kernel: number, stride: number, padding: number): number =>
  Math.floor((input + 2 * padding - kernel) / stride) + 1;
