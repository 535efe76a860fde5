/**
 * IEEE 754 binary16 beside float32: one sign bit, five bits of exponent (bias 15), ten of mantissa.
 * `Float16Array` would do this, but Node 20 and Safari 18 have none.
 */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * The binary16 bits nearest to a float32, ties to even. Magnitudes from 65520 on become infinity, those up to
 * 2⁻²⁵ zero; a NaN stays one.
 */
export function toFloat16(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 lies halfway between the largest half, 65504, and the next power of two.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2⁻¹⁴ a half counts in steps of 2⁻²⁴: adding 2⁻¹ leaves exactly those bits in a float32's mantissa, and the
    // addition itself rounds to nearest even.
    float[0] = Math.abs(value) + 0.5;
    return sign | (bits[0] - 0x3f000000);
  }
  // 13 bits of mantissa go. Just under half a step, plus the bit that stays, rounds to nearest even; the carry may
  // run into the exponent, which is right. The exponent's bias falls from 127 to 15.
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

/** From a half's exponent to that of a float32, whose bias is 127. */
const REBIAS = 2 ** 112;

/** The number that binary16 bits stand for: every one is exact in float32. */
export function fromFloat16(half: number): number {
  // Exponent and mantissa in a float32's place, subnormals among them: 2¹¹² times too small.
  bits[0] = (half & 0x7fff) << 13;
  const magnitude = (half & 0x7c00) < 0x7c00 ? float[0] * REBIAS : half & 0x3ff ? NaN : Infinity;
  return half & 0x8000 ? -magnitude : magnitude;
}

export function toFloat16Array(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toFloat16(values[i]);
  return halves;
}

export function fromFloat16Array(halves: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = fromFloat16(halves[i]);
  return values;
}
