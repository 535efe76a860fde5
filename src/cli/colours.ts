/** Colours as browsers show them, where sharp reads them otherwise. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

/**
 * The exponent by which a PNG says that its samples were made from light (the chunk gAMA; PNG specification, third
 * edition, 11.3.2.2), unless a chunk that says more stands beside it. Undefined in other files.
 */
export function pngGamma(bytes: Uint8Array): number | undefined {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let gamma: number | undefined;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (['sRGB', 'iCCP', 'cICP'].includes(type)) return undefined;
    if (type === 'IDAT') break;
    if (type === 'gAMA') gamma = view.getUint32(at + 8) / 100_000;
  }
  return gamma || undefined;
}

/** RGBA whose samples are light to the power of `gamma`, in sRGB (IEC 61966-2-1) and over white. */
export function fromGamma(rgba: Uint8Array, gamma: number): Uint8Array {
  const table = Array.from({ length: 256 }, (_, sample) => {
    const light = (sample / 255) ** (1 / gamma);
    return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
  });
  return rgba.map((sample, i) => {
    if (i % 4 === 3) return 255;
    const alpha = rgba[i - (i % 4) + 3] / 255;
    return Math.round(table[sample] * alpha + 255 * (1 - alpha));
  });
}

/** Ink without a profile as RGBA: each colour is what its ink and black let through. */
export function fromInk(cmyk: Uint8Array): Uint8Array {
  return cmyk.map((ink, i) => {
    const black = cmyk[i - (i % 4) + 3];
    return i % 4 === 3 ? 255 : Math.round(((255 - ink) * (255 - black)) / 255);
  });
}
