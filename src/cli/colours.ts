/** Colours as browsers show them, where sharp reads them otherwise. */

/** How the samples of a picture were made: what they stand for in light, and of which red, green and blue. */
export interface ColourSpace {
  /** Samples are light to this power; without it, as in sRGB. */
  readonly gamma?: number;
  /** The x and y of white, red, green and blue in CIE 1931; without them, those of sRGB. */
  readonly primaries?: readonly number[];
}

const SRGB_PRIMARIES = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];
/** ITU-T H.273, table 2: BT.709, BT.2020 and Display P3. */
const PRIMARIES: Readonly<Record<number, readonly number[] | undefined>> = {
  1: SRGB_PRIMARIES,
  9: [0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046],
  12: [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
};
/** ITU-T H.273, table 3: a power of 2.2, light itself, sRGB. Film and television have others. */
const GAMMAS: Readonly<Record<number, number | 'srgb' | undefined>> = { 4: 1 / 2.2, 8: 1, 13: 'srgb' };
/** Without primaries, browsers take an exponent within five hundredths of 1 / 2.2 for sRGB, as libpng does. */
const isAsGoodAsSrgb = (gamma: number): boolean => Math.abs(gamma * 2.2 - 1) <= 0.05;

/**
 * The colours of a PNG by its own chunks (PNG specification, third edition, 11.3.2): cICP before iCCP before sRGB before
 * gAMA with cHRM, as browsers take them. Undefined where sharp does it right: in other files, with a profile, in sRGB.
 */
export function pngColours(bytes: Uint8Array): ColourSpace | undefined {
  const chunks = new Map(pngChunks(bytes).map(({ type, data }) => [type, data]));
  const [codes, gammaData, primariesData] = ['cICP', 'gAMA', 'cHRM'].map((type) => chunks.get(type));
  // Of red, green and blue, from black at 0 to white at 255.
  if (codes?.getUint8(2) === 0 && codes.getUint8(3) === 1) {
    const [primaries, gamma] = [PRIMARIES[codes.getUint8(0)], GAMMAS[codes.getUint8(1)]];
    if (primaries && gamma) return { primaries, ...(gamma !== 'srgb' && { gamma }) };
  }
  if (chunks.has('iCCP') || chunks.has('sRGB') || !gammaData) return undefined;
  const gamma = gammaData.getUint32(0) / 100_000;
  if (gamma === 0 || (!primariesData && isAsGoodAsSrgb(gamma))) return undefined;
  if (!primariesData) return { gamma };
  const primaries = Array.from({ length: 8 }, (_, i) => primariesData.getUint32(i * 4) / 100_000);
  const isPossible = primaries.every((coordinate, i) => i % 2 === 0 || coordinate > 0);
  return isPossible && Number.isFinite(matrixToSrgb(primaries)[0][0]) ? { gamma, primaries } : undefined;
}

/** A PNG without its profile, which another chunk overrules. */
export function withoutProfile(png: Uint8Array): Uint8Array {
  const profile = pngChunks(png).find(({ type }) => type === 'iCCP');
  if (!profile) return png;
  return Buffer.concat([png.subarray(0, profile.start), png.subarray(profile.end)]);
}

interface Chunk {
  readonly type: string;
  readonly data: DataView;
  readonly start: number;
  readonly end: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
/** Bytes of the chunks that are read; damaged ones that are shorter are left out. */
const LEAST_BYTES: Readonly<Record<string, number>> = { cICP: 4, gAMA: 4, cHRM: 32 };

/** The chunks before the picture's data, in order. */
function pngChunks(bytes: Uint8Array): Chunk[] {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let start = 8; start + 12 <= bytes.length; ) {
    const length = view.getUint32(start);
    const end = start + 12 + length;
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    if (type === 'IDAT' || end > bytes.length) break;
    const data = new DataView(bytes.buffer, bytes.byteOffset + start + 8, length);
    if (length >= (LEAST_BYTES[type] ?? 0)) chunks.push({ type, data, start, end });
    start = end;
  }
  return chunks;
}

type Matrix = readonly (readonly number[])[];

const times = (m: Matrix, v: readonly number[]): number[] =>
  m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => [0, 1, 2].map((column) => row[0] * b[0][column] + row[1] * b[1][column] + row[2] * b[2][column]));
const diagonal = ([a, b, c]: readonly number[]): Matrix => [
  [a, 0, 0],
  [0, b, 0],
  [0, 0, c],
];

/** By cofactors. */
function inverse(m: Matrix): number[][] {
  const cofactor = (row: number, column: number): number => {
    const [r, s] = [(row + 1) % 3, (row + 2) % 3];
    const [c, d] = [(column + 1) % 3, (column + 2) % 3];
    return m[r][c] * m[s][d] - m[r][d] * m[s][c];
  };
  const determinant = [0, 1, 2].reduce((sum, column) => sum + m[0][column] * cofactor(0, column), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}

/** The cone responses in which one white becomes another (Bradford, as in ICC.1:2022, annex E). */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

const xyz = (x: number, y: number): number[] => [x / y, 1, (1 - x - y) / y];

/** Light of these primaries as XYZ under the white of sRGB. */
function matrixToXyz([wx, wy, ...xy]: readonly number[]): Matrix {
  const colours = [0, 2, 4].map((i) => xyz(xy[i], xy[i + 1]));
  const columns = [0, 1, 2].map((row) => colours.map((colour) => colour[row]));
  const white = xyz(wx, wy);
  const unadapted = product(columns, diagonal(times(inverse(columns), white)));
  const [from, to] = [white, xyz(SRGB_PRIMARIES[0], SRGB_PRIMARIES[1])].map((colour) => times(BRADFORD, colour));
  const scale = diagonal(to.map((response, i) => response / from[i]));
  return product(inverse(BRADFORD), product(scale, product(BRADFORD, unadapted)));
}

const matrixToSrgb = (primaries: readonly number[]): Matrix =>
  product(inverse(matrixToXyz(SRGB_PRIMARIES)), matrixToXyz(primaries));

/** sRGB's transfer function and its inverse (IEC 61966-2-1). */
const encode = (light: number): number => (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
const decode = (sample: number): number => (sample <= 0.04045 ? sample / 12.92 : ((sample + 0.055) / 1.055) ** 2.4);

/** Steps of light: fine enough that a sample errs by less than a half in black, where sRGB is steepest. */
const STEPS = 1 << 14;

/** RGBA of these colours, in sRGB and over white. What sRGB cannot show becomes the nearest sample in each channel. */
export function toSrgb(rgba: Uint8Array, { gamma, primaries = SRGB_PRIMARIES }: ColourSpace): Uint8Array {
  const light = Float64Array.from({ length: 256 }, (_, i) => (gamma ? (i / 255) ** (1 / gamma) : decode(i / 255)));
  const samples = Float64Array.from({ length: STEPS + 1 }, (_, i) => 255 * encode(i / STEPS));
  const matrix = matrixToSrgb(primaries);
  const result = new Uint8Array(rgba.length);
  for (let i = 0; i < rgba.length; i += 4) {
    const [r, g, b] = [light[rgba[i]], light[rgba[i + 1]], light[rgba[i + 2]]];
    const alpha = rgba[i + 3] / 255;
    for (let c = 0; c < 3; c++) {
      const [fromRed, fromGreen, fromBlue] = matrix[c];
      const shown = Math.min(Math.max(fromRed * r + fromGreen * g + fromBlue * b, 0), 1);
      result[i + c] = Math.round(samples[Math.round(shown * STEPS)] * alpha + 255 * (1 - alpha));
    }
    result[i + 3] = 255;
  }
  return result;
}

/** Ink without a profile as RGBA: each colour is what its ink and black let through. */
export function fromInk(cmyk: Uint8Array): Uint8Array {
  return cmyk.map((ink, i) => {
    const black = cmyk[i - (i % 4) + 3];
    return i % 4 === 3 ? 255 : Math.round(((255 - ink) * (255 - black)) / 255);
  });
}
