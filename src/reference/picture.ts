import { type PictureSpec, placePicture, type RawPicture } from '../picture';
import { Tensor } from '../tensor';

/** Taps of one output position: the first source position, and the weights from there on. Their sum is 1. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Prepares a picture for a network: crops or letterboxes it, lays it over white where it is transparent, resizes it and
 * normalises it. The result is `[1, 3, H, W]`.
 *
 * The filter for resizing is a triangle that widens with the reduction, so that every pixel of a large picture counts
 * (Pillow's BILINEAR; Heckbert 1989, "Fundamentals of texture mapping and image warping", section 3.5), a cubic one
 * (Pillow's BICUBIC; Keys 1981, "Cubic convolution interpolation", with a = -0.5), or another of Pillow's. It runs along the
 * rows of the picture first, then along the columns of the result, and what a filter overshoots is cut off each time.
 */
export function pictureToTensor(picture: RawPicture, spec: PictureSpec): Tensor<'float32'> {
  const { source, target } = placePicture(picture.width, picture.height, spec);
  const [height, width] = spec.size;
  const filter = FILTERS[spec.filter ?? 'bilinear'];
  const columns = taps(width, target.x, target.width, source.x, source.width, picture.width, filter);
  const rows = taps(height, target.y, target.height, source.y, source.height, picture.height, filter);
  const order = spec.channels === 'bgr' ? [2, 1, 0] : [0, 1, 2];
  const data = new Float32Array(3 * height * width);
  // Filtered rows of the picture, kept as long as output rows need them.
  const resized = new Map<number, Float64Array>();
  for (const [i, row] of rows.entries()) {
    const mixed = new Float64Array(3 * width);
    for (const [u, weight] of row?.weights.entries() ?? []) {
      const y = row!.first + u;
      const along = resized.get(y) ?? resizeRow(picture, y, columns);
      resized.set(y, along);
      for (let k = 0; k < mixed.length; k++) mixed[k] += weight * along[k];
    }
    for (const y of resized.keys()) if (row && y < row.first) resized.delete(y);
    for (let j = 0; j < width; j++) {
      for (let c = 0; c < 3; c++) {
        const value = row && columns[j] ? clamped(mixed[3 * j + order[c]]) : (spec.bars ?? 0.5);
        data[(c * height + i) * width + j] = (value - spec.mean[c]) / spec.std[c];
      }
    }
  }
  return Tensor.float32([1, 3, height, width], data);
}

/** Red, green and blue, in 0..1, of each output column in one row of the picture. */
function resizeRow({ data, width }: RawPicture, y: number, columns: readonly (Taps | undefined)[]): Float64Array {
  const along = new Float64Array(3 * columns.length);
  for (const [j, column] of columns.entries()) {
    if (!column) continue;
    let [red, green, blue] = [0, 0, 0];
    for (let v = 0, at = (y * width + column.first) * 4; v < column.weights.length; v++, at += 4) {
      const alpha = data[at + 3] / 255;
      const share = column.weights[v] / 255;
      const white = 255 * (1 - alpha);
      red += share * (data[at] * alpha + white);
      green += share * (data[at + 1] * alpha + white);
      blue += share * (data[at + 2] * alpha + white);
    }
    along.set([red, green, blue].map(clamped), 3 * j);
  }
  return along;
}

/** A filter's weight at a distance in pixels of the result, 0 from `reach` on. */
interface Filter {
  readonly reach: number;
  /** Default: it widens with the reduction. */
  readonly fixed?: true;
  weight(distance: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Pillow's `Resample.c`. */
const FILTERS: Readonly<Record<NonNullable<PictureSpec['filter']>, Filter>> = {
  nearest: { reach: 0.5, fixed: true, weight: () => 1 },
  box: { reach: 0.5, weight: () => 1 },
  bilinear: { reach: 1, weight: (d) => Math.max(0, 1 - Math.abs(d)) },
  hamming: { reach: 1, weight: (d) => (Math.abs(d) < 1 ? sinc(d) * (0.54 + 0.46 * Math.cos(Math.PI * d)) : 0) },
  bicubic: { reach: 2, weight: (d) => cubic(Math.abs(d)) },
  lanczos: { reach: 3, weight: (d) => (Math.abs(d) < 3 ? sinc(d) * sinc(d / 3) : 0) },
};

const cubic = (d: number): number =>
  d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;

const clamped = (value: number): number => Math.min(Math.max(value, 0), 1);

/** The taps of every output position along one axis; undefined outside the target. */
function taps(
  outputs: number,
  targetStart: number,
  targetSize: number,
  sourceStart: number,
  sourceSize: number,
  limit: number,
  filter: Filter,
): (Taps | undefined)[] {
  const scale = sourceSize / targetSize;
  const stretch = filter.fixed ? 1 : Math.max(scale, 1);
  const support = filter.reach * stretch;
  return Array.from({ length: outputs }, (_, i) => {
    if (i + 0.5 < targetStart || i + 0.5 > targetStart + targetSize) return undefined;
    const centre = (i + 0.5 - targetStart) * scale + sourceStart;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const last = Math.min(limit - 1, Math.floor(centre + support - 0.5));
    const raw = Array.from({ length: Math.max(1, last - first + 1) }, (_, k) =>
      filter.weight((first + k + 0.5 - centre) / stretch),
    );
    const total = raw.reduce((a, b) => a + b, 0);
    return { first: Math.min(first, limit - 1), weights: total > 0 ? raw.map((weight) => weight / total) : [1] };
  });
}
