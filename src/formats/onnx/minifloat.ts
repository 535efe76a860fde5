/** Floats of 8 bits or fewer. Micikevicius et al. 2022; "fnuz" as Noune et al. 2022 have it. */
export interface Minifloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /**
   * ieee: infinities, and NaNs behind them. fn: all bits set are NaN. fnuz: the bits of -0 are NaN. finite: neither.
   * power: the exponent alone, without a sign, and all bits set are NaN.
   */
  readonly kind: 'ieee' | 'fn' | 'fnuz' | 'finite' | 'power';
}

export const MINIFLOATS = {
  e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, kind: 'fn' },
  e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, kind: 'fnuz' },
  e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, kind: 'ieee' },
  e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, kind: 'fnuz' },
  e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, kind: 'finite' },
  e8m0: { exponentBits: 8, mantissaBits: 0, bias: 127, kind: 'power' },
} as const satisfies Record<string, Minifloat>;

/** The number that each pattern of bits stands for. */
export function valuesOf({ exponentBits, mantissaBits, bias, kind }: Minifloat): Float32Array {
  if (kind === 'power')
    return Float32Array.from({ length: 256 }, (_, code) => (code === 255 ? NaN : 2 ** (code - bias)));
  const half = 2 ** (exponentBits + mantissaBits);
  const magnitudes = Float32Array.from({ length: half }, (_, code) => {
    const exponent = code >> mantissaBits;
    const mantissa = (code % 2 ** mantissaBits) / 2 ** mantissaBits;
    if (kind === 'fn' && code === half - 1) return NaN;
    if (kind === 'ieee' && exponent === 2 ** exponentBits - 1) return mantissa === 0 ? Infinity : NaN;
    return exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias);
  });
  const negatives = magnitudes.map((magnitude) => -magnitude);
  if (kind === 'fnuz') negatives[0] = NaN;
  return Float32Array.of(...magnitudes, ...negatives);
}

/** The greatest finite number. */
export const greatestOf = (format: Minifloat): number => Math.max(...valuesOf(format).filter(Number.isFinite));
