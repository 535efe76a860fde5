/** Red, green and blue, 0..255. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * A colour for a class: hues a golden angle apart, so that neighbouring indices never look alike, in three
 * alternating brightnesses.
 */
export function paletteColor(index: number): Color {
  const hue = (index * 137.508) % 360;
  const lightness = [0.55, 0.68, 0.45][index % 3];
  const chroma = 0.75 * Math.min(lightness, 1 - lightness);
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
