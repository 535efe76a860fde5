/**
 * The transforms of Winograd's minimal filtering F(4×4, 3×3): Lavin and Gray 2016, "Fast algorithms for convolutional
 * neural networks", section 4.3. `Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A` makes 4×4 outputs of a 6×6 patch with 36 multiplications
 * for each channel, where the definition takes 144.
 */

/** Rows and columns of the output that a tile makes. */
export const OUTPUT = 4;
/** Rows and columns of the patch that it sees, and of everything between. */
export const PATCH = 6;
export const POINTS = PATCH * PATCH;

// biome-ignore format: a matrix
const G = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/** `G g Gᵀ` of the 3×3 filter at `at`, as 36 numbers. */
export function transformFilter(filters: ArrayLike<number>, at: number, result: Float64Array): void {
  for (let i = 0; i < PATCH; i++) {
    const [g0, g1, g2] = G[i];
    const r0 = g0 * filters[at] + g1 * filters[at + 3] + g2 * filters[at + 6];
    const r1 = g0 * filters[at + 1] + g1 * filters[at + 4] + g2 * filters[at + 7];
    const r2 = g0 * filters[at + 2] + g1 * filters[at + 5] + g2 * filters[at + 8];
    for (let j = 0; j < PATCH; j++) result[i * PATCH + j] = r0 * G[j][0] + r1 * G[j][1] + r2 * G[j][2];
  }
}

/** The patch of `plane` `[height, width]` whose upper left corner is at (top, left); zeros outside. */
export function readPatch(
  x: Float32Array,
  plane: number,
  height: number,
  width: number,
  top: number,
  left: number,
  patch: Float64Array,
): void {
  const isInside = top >= 0 && left >= 0 && top + PATCH <= height && left + PATCH <= width;
  let to = 0;
  for (let i = top; i < top + PATCH; i++) {
    const row = plane + i * width;
    if (isInside) {
      for (let at = row + left, end = at + PATCH; at < end; at++) patch[to++] = x[at];
      continue;
    }
    for (let j = left; j < left + PATCH; j++) {
      patch[to++] = i >= 0 && i < height && j >= 0 && j < width ? x[row + j] : 0;
    }
  }
}

/** `Bᵀ d B` of a patch, overwritten on the way; point p of the result goes to `at + p · step`. */
export function transformPatch(d: Float64Array, result: Float32Array, at: number, step: number): void {
  for (let i = 0; i < POINTS; i += PATCH) {
    const [d0, d1, d2, d3, d4, d5] = [d[i], d[i + 1], d[i + 2], d[i + 3], d[i + 4], d[i + 5]];
    const even = d4 - 4 * d2;
    const odd = d3 - 4 * d1;
    const inner = d4 - d2;
    const outer = 2 * (d3 - d1);
    d[i] = 4 * d0 - 5 * d2 + d4;
    d[i + 1] = even + odd;
    d[i + 2] = even - odd;
    d[i + 3] = inner + outer;
    d[i + 4] = inner - outer;
    d[i + 5] = 4 * d1 - 5 * d3 + d5;
  }
  const row = PATCH * step;
  for (let j = 0; j < PATCH; j++, at += step) {
    const [d0, d1, d2, d3, d4, d5] = [d[j], d[j + 6], d[j + 12], d[j + 18], d[j + 24], d[j + 30]];
    const even = d4 - 4 * d2;
    const odd = d3 - 4 * d1;
    const inner = d4 - d2;
    const outer = 2 * (d3 - d1);
    result[at] = 4 * d0 - 5 * d2 + d4;
    result[at + row] = even + odd;
    result[at + 2 * row] = even - odd;
    result[at + 3 * row] = inner + outer;
    result[at + 4 * row] = inner - outer;
    result[at + 5 * row] = 4 * d1 - 5 * d3 + d5;
  }
}

/** `Aᵀ m A` of 36 points, of which point p is at `at + p · step`, as 4×4 numbers from `to` on. */
export function transformSums(
  m: Float32Array,
  at: number,
  step: number,
  half: Float64Array,
  result: Float32Array,
  to: number,
): void {
  const row = PATCH * step;
  for (let j = 0; j < PATCH; j++, at += step) {
    const m1 = m[at + row];
    const m2 = m[at + 2 * row];
    const m3 = m[at + 3 * row];
    const m4 = m[at + 4 * row];
    const [near, nearOdd, far, farOdd] = [m1 + m2, m1 - m2, m3 + m4, m3 - m4];
    half[j] = m[at] + near + far;
    half[j + 6] = nearOdd + 2 * farOdd;
    half[j + 12] = near + 4 * far;
    half[j + 18] = nearOdd + 8 * farOdd + m[at + 5 * row];
  }
  for (let i = 0; i < OUTPUT * PATCH; i += PATCH, to += OUTPUT) {
    const m1 = half[i + 1];
    const m2 = half[i + 2];
    const m3 = half[i + 3];
    const m4 = half[i + 4];
    const [near, nearOdd, far, farOdd] = [m1 + m2, m1 - m2, m3 + m4, m3 - m4];
    result[to] = half[i] + near + far;
    result[to + 1] = nearOdd + 2 * farOdd;
    result[to + 2] = near + 4 * far;
    result[to + 3] = nearOdd + 8 * farOdd + half[i + 5];
  }
}
