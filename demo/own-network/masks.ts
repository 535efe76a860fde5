import { type RawPicture, Tensor } from '../../src';
import { type PictureSpec, placePicture } from '../../src/picture';
import { segmentMask } from '../../src/reference/segment-mask';
import type { ImageOutput } from './outputs';

/**
 * Scores of classes as probabilities: as they are where they lie in 0..1, otherwise through a softmax, from which
 * probabilities' logarithms come out as those probabilities.
 */
export function probabilities(values: ArrayLike<number>): Float32Array {
  const raw = Float32Array.from(values);
  return raw.every((x) => x >= 0 && x <= 1.0001) ? raw : softmaxRows(raw, raw.length);
}

/**
 * The class of every pixel of the picture, row by row; 0 is nothing.
 *
 * One channel says how likely a pixel belongs to the thing: as a probability, or as a logit where it leaves 0..1.
 * Several channels are scores, of which the largest wins. Whole numbers are classes already.
 *
 * @param threshold what a probability has to reach
 */
export function maskOf(
  output: Tensor,
  image: ImageOutput,
  picture: Pick<RawPicture, 'width' | 'height'>,
  spec: PictureSpec,
  threshold: number,
): Uint8Array {
  const scores = scorePlanes(output, image, threshold);
  return segmentMask(scores, placePicture(picture.width, picture.height, spec));
}

/** `[1, classes, H, W]`, of which the largest is to win. */
function scorePlanes(output: Tensor, image: ImageOutput, threshold: number): Tensor {
  const { height, width, channels } = image;
  const planes = channelsFirst(output, image);
  if (channels > 1) return Tensor.float32([1, channels, height, width], planes);
  const pixels = height * width;
  if (output.dtype !== 'float32') {
    const classes =
      Math.min(
        planes.reduce((most, x) => Math.max(most, x), 1),
        255,
      ) + 1;
    const flags = Float32Array.from({ length: classes * pixels }, (_, i) =>
      Number(planes[i % pixels] === Math.floor(i / pixels)),
    );
    return Tensor.float32([1, classes, height, width], flags);
  }
  const isLogit = planes.some((x) => x < -0.01 || x > 1.01);
  const both = new Float32Array(2 * pixels);
  both.fill(threshold, 0, pixels);
  both.set(isLogit ? planes.map((x) => 1 / (1 + Math.exp(-x))) : planes, pixels);
  return Tensor.float32([1, 2, height, width], both);
}

/** Values `[C, H, W]`. */
function channelsFirst({ data, size }: Tensor, { channels, channelsLast }: ImageOutput): Float32Array {
  if (!channelsLast || channels === 1) return Float32Array.from(data);
  const pixels = size / channels;
  return Float32Array.from({ length: size }, (_, i) => data[(i % pixels) * channels + Math.floor(i / pixels)]);
}

/** An output as a picture: values in 0..1, in -1..1 or in 0..255, by how far they reach. */
export function pictureOf(output: Tensor, image: ImageOutput): RawPicture {
  const planes = channelsFirst(output, image);
  const { channels, height, width } = image;
  const pixels = height * width;
  let [least, most] = [Infinity, -Infinity];
  for (const x of planes) [least, most] = [Math.min(least, x), Math.max(most, x)];
  const toByte = most > 2 ? (x: number) => x : least < -0.3 ? (x: number) => (x + 1) * 127.5 : (x: number) => x * 255;
  const data = new Uint8ClampedArray(pixels * 4).fill(255);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) data[i * 4 + c] = toByte(planes[(channels === 3 ? c : 0) * pixels + i]);
  }
  return { data, width, height };
}

function softmaxRows(values: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += classes) {
    const row = values.subarray(at, at + classes);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = row.map((x) => Math.exp(x - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    result.set(
      powers.map((power) => power / sum),
      at,
    );
  }
  return result;
}
