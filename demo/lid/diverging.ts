/** Blue below zero, orange above it, near white at zero: told apart by every kind of colour vision. */
const [BELOW, ZERO, ABOVE] = [
  [33, 92, 168],
  [246, 246, 242],
  [214, 92, 10],
] as const;

/** The colour of a value on the scale from -limit to limit. Other values have the colour of the end they lie beyond. */
export function divergingColor(value: number, limit: number): readonly [red: number, green: number, blue: number] {
  const end = value < 0 ? BELOW : ABOVE;
  const share = limit > 0 ? Math.min(Math.abs(value) / limit, 1) : 0;
  const mix = (i: 0 | 1 | 2): number => Math.round(ZERO[i] + (end[i] - ZERO[i]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** Colours of the scale as words of an `ImageData`, from -limit to limit. */
const STEPS = 511;
const words = new Uint32Array(
  Uint8ClampedArray.from(
    Array.from({ length: STEPS }, (_, i) => [...divergingColor((2 * i) / (STEPS - 1) - 1, 1), 255]).flat(),
  ).buffer,
);

/** Paints numbers, row by row, on the scale from -limit to limit; what is no number is black. */
export function paintDiverging(pixels: ImageData, values: ArrayLike<number>, limit: number): void {
  const out = new Uint32Array(pixels.data.buffer);
  const perUnit = limit > 0 ? (STEPS - 1) / 2 / limit : 0;
  for (let i = 0; i < out.length; i++) {
    const step = Math.round(Math.min(Math.max(Number(values[i]) * perUnit + (STEPS - 1) / 2, 0), STEPS - 1));
    out[i] = Number.isNaN(step) ? 0xff000000 : words[step];
  }
}

/** Below this luminance white letters stand out more than black ones (WCAG 2, contrast ratio). */
const MIDDLE_LUMINANCE = 0.179;

/** Whether white letters are easier to read on the colour of a value than dark ones. */
export function needsWhite(value: number, limit: number): boolean {
  const [red, green, blue] = divergingColor(value, limit).map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < MIDDLE_LUMINANCE;
}
