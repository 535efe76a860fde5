import { type PictureSpec, placePicture, type RawPicture } from '../picture';
import { Tensor } from '../tensor';

/** Taps of one output position: the first source position and the weights from there on, which add up to 1. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Prepares a picture for a network: crops or letterboxes it, lays it over white where it is transparent, resizes it and
 * normalises it. The result is `[1, 3, H, W]`.
 *
 * The filter for resizing is a triangle that widens with the reduction, so that every pixel of a large picture counts
 * (Pillow's BILINEAR; Heckbert 1989, "Fundamentals of texture mapping and image warping", section 3.5).
 */
export function pictureToTensor(picture: RawPicture, spec: PictureSpec): Tensor<'float32'> {
  const { source, target } = placePicture(picture.width, picture.height, spec);
  const [height, width] = spec.size;
  const columns = taps(width, target.x, target.width, source.x, source.width, picture.width);
  const rows = taps(height, target.y, target.height, source.y, source.height, picture.height);
  const data = new Float32Array(3 * height * width);
  const order = spec.channels === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const row = rows[i];
      const column = columns[j];
      for (let c = 0; c < 3; c++) {
        const value = row && column ? filtered(picture, row, column, order[c]) : (spec.bars ?? 0.5);
        data[(c * height + i) * width + j] = (value - spec.mean[c]) / spec.std[c];
      }
    }
  }
  return Tensor.float32([1, 3, height, width], data);
}

/** One channel of one output pixel, in 0..1. */
function filtered({ data, width }: RawPicture, rows: Taps, columns: Taps, channel: number): number {
  let sum = 0;
  for (const [u, rowWeight] of rows.weights.entries()) {
    for (const [v, columnWeight] of columns.weights.entries()) {
      const at = ((rows.first + u) * width + columns.first + v) * 4;
      const alpha = data[at + 3] / 255;
      sum += rowWeight * columnWeight * ((data[at + channel] / 255) * alpha + 1 - alpha);
    }
  }
  return sum;
}

/** The taps of every output position along one axis; undefined outside the target. */
function taps(
  outputs: number,
  targetStart: number,
  targetSize: number,
  sourceStart: number,
  sourceSize: number,
  limit: number,
): (Taps | undefined)[] {
  const scale = sourceSize / targetSize;
  const support = Math.max(scale, 1);
  return Array.from({ length: outputs }, (_, i) => {
    if (i + 0.5 < targetStart || i + 0.5 > targetStart + targetSize) return undefined;
    const centre = (i + 0.5 - targetStart) * scale + sourceStart;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const last = Math.min(limit - 1, Math.ceil(centre + support - 0.5) - 1);
    const raw = Array.from({ length: Math.max(1, last - first + 1) }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / support),
    );
    const total = raw.reduce((a, b) => a + b, 0);
    return { first: Math.min(first, limit - 1), weights: total > 0 ? raw.map((weight) => weight / total) : [1] };
  });
}
