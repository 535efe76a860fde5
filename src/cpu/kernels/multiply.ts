/** Rows and columns of the register tile: V8 keeps 16 named sums in registers, or nearly, and none of an array. */
export const TILE = 4;

export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/**
 * A 4×4 tile of a matrix product: `sums[r][c] = Σ a[k][r] · b[k][c]`, k < depth. Both operands are packed so that a step
 * reads eight neighbours. JavaScript's numbers are float64, so the sums are; only what is stored is float32.
 *
 * @param a `[depth][4]` from `aAt` on
 * @param b `[depth][4]` from `bAt` on
 * @param sums rows `stride` apart, from `at` on
 */
export function multiplyTile(
  a: Float32Array,
  aAt: number,
  b: Float32Array,
  bAt: number,
  depth: number,
  sums: Float32Array,
  at: number,
  stride: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  for (const end = aAt + depth * TILE; aAt < end; aAt += TILE, bAt += TILE) {
    const b0 = b[bAt];
    const b1 = b[bAt + 1];
    const b2 = b[bAt + 2];
    const b3 = b[bAt + 3];
    const a0 = a[aAt];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    const a1 = a[aAt + 1];
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    const a2 = a[aAt + 2];
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    const a3 = a[aAt + 3];
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  sums[at] = s00;
  sums[at + 1] = s01;
  sums[at + 2] = s02;
  sums[at + 3] = s03;
  at += stride;
  sums[at] = s10;
  sums[at + 1] = s11;
  sums[at + 2] = s12;
  sums[at + 3] = s13;
  at += stride;
  sums[at] = s20;
  sums[at + 1] = s21;
  sums[at + 2] = s22;
  sums[at + 3] = s23;
  at += stride;
  sums[at] = s30;
  sums[at + 1] = s31;
  sums[at + 2] = s32;
  sums[at + 3] = s33;
}

/**
 * Packs rows of a matrix for {@link multiplyTile}: `packed[block][k][r] = matrix[4 · block + r][k]`, zeros past the last
 * row.
 *
 * @param at where the matrix `[rows, depth]` starts
 */
export function packRows(
  matrix: ArrayLike<number>,
  at: number,
  rows: number,
  depth: number,
  packed: Float32Array,
  packedAt: number,
): void {
  for (let row = 0; row < roundUp(rows, TILE); row++) {
    let to = packedAt + (row - (row % TILE)) * depth + (row % TILE);
    for (let k = 0; k < depth; k++, to += TILE) packed[to] = row < rows ? matrix[at + row * depth + k] : 0;
  }
}
