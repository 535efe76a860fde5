import { asBytes, kindOf } from './arguments';
import { ArgumentError } from './errors';
import type { Pair } from './operators/window';

/** Pixels as RGBA bytes, row by row from the top, alpha not premultiplied. */
export interface RawPicture {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What a network wants to see: how a picture becomes its input tensor. */
export interface PictureSpec {
  /** Of the input tensor, in pixels. */
  readonly size: Pair;
  /**
   * `squash`: the whole picture, whatever its proportions. `crop`: the largest centred part of the input's
   * proportions. `letterbox`: the whole picture in its proportions, centred between bars.
   */
  readonly fit: 'squash' | 'crop' | 'letterbox';
  /** Per channel in the network's order; applied as `(v - mean) / std` to values in 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Default 'rgb'. */
  readonly channels?: 'rgb' | 'bgr';
  /** What the bars of `letterbox` hold, in 0..1. Default 0.5. */
  readonly bars?: number;
  /**
   * The share of each side that `crop` keeps; of a `squash`ed picture the middle, too. Of the input the share that
   * `letterbox` fills at most: the rest is a margin. Default 1.
   */
  readonly keep?: number;
  /** Where `letterbox` puts the picture. Default 'centre'. */
  readonly align?: 'centre' | 'top-left';
  /**
   * Whether the resized picture has whole pixels, and bars and what is cut off too, as other libraries have it. Half a pixel
   * is cut off to the even number, as torchvision does, or with `'floor'` not at all, as transformers does.
   */
  readonly wholePixels?: boolean | 'floor';
  /** Pillow's filter for resizing. Default 'bilinear'. */
  readonly filter?: 'nearest' | 'lanczos' | 'bilinear' | 'bicubic' | 'box' | 'hamming';
}

/** How a task's pictures are prepared, and who said so. */
export interface Preparation extends PictureSpec {
  /** What the outputs of a network by other people were taken for. */
  readonly head?: string;
  /** For a network by other people where each setting was taken from: the caller, the file's metadata, … */
  readonly from?: Readonly<Record<string, string>>;
}

/** In pixels, possibly fractional; y grows downwards. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Which part of a picture is seen, and where in the network's input it goes. */
export interface Placement {
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly inputSize: Pair;
  readonly source: Rectangle;
  readonly target: Rectangle;
}

/** @throws ArgumentError for a picture without pixels */
export function placePicture(width: number, height: number, spec: PictureSpec): Placement {
  if (!(width >= 1 && height >= 1 && Number.isInteger(width) && Number.isInteger(height))) {
    throw new ArgumentError(`a picture must have pixels and not be closed, got ${width} × ${height}`);
  }
  const inputSize = spec.size;
  const [inHeight, inWidth] = inputSize;
  const place = (source: Rectangle, target: Rectangle): Placement => ({ width, height, inputSize, source, target });
  const whole: Rectangle = { x: 0, y: 0, width, height };
  const input: Rectangle = { x: 0, y: 0, width: inWidth, height: inHeight };
  const { keep = 1, wholePixels } = spec;
  // Resized to so many pixels, of which the middle is seen.
  const middle = (columns: number, rows: number): Placement => {
    const [x, y] = [(columns - inWidth) / 2, (rows - inHeight) / 2].map(
      wholePixels === 'floor' ? Math.floor : roundToEven,
    );
    const [across, down] = [width / columns, height / rows];
    return place({ x: x * across, y: y * down, width: inWidth * across, height: inHeight * down }, input);
  };
  switch (spec.fit) {
    case 'squash':
      return keep === 1 ? place(whole, input) : middle(Math.round(inWidth / keep), Math.round(inHeight / keep));
    case 'crop': {
      const scale = Math.min(width / inWidth, height / inHeight) * keep;
      if (!wholePixels) return place(centred(whole, inWidth * scale, inHeight * scale), input);
      // The short side comes out right, and the long one loses its fraction.
      return middle(Math.trunc(width / scale + 1e-6), Math.trunc(height / scale + 1e-6));
    }
    case 'letterbox': {
      const scale = Math.min(inWidth / width, inHeight / height) * keep;
      const round = wholePixels ? roundToEven : Number;
      const seen = centred(input, round(width * scale), round(height * scale));
      if (spec.align === 'top-left') return place(whole, { ...seen, x: 0, y: 0 });
      return place(whole, wholePixels ? { ...seen, x: Math.floor(seen.x), y: Math.floor(seen.y) } : seen);
    }
    default:
      throw new ArgumentError(`unknown fit ${spec.fit satisfies never}`);
  }
}

/** To the nearest whole number, halves to the even one, as Python rounds. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const centred = (within: Rectangle, width: number, height: number): Rectangle => ({
  x: within.x + (within.width - width) / 2,
  y: within.y + (within.height - height) / 2,
  width,
  height,
});

/** A point of the input, in its pixels, as a point of the picture. */
export function inputToPicture({ source, target }: Placement, x: number, y: number): [x: number, y: number] {
  return [
    source.x + ((x - target.x) / target.width) * source.width,
    source.y + ((y - target.y) / target.height) * source.height,
  ];
}

/** @throws ArgumentError when the data are no bytes, or do not match the size */
export function checkPixels({ data: given, width, height }: RawPicture): RawPicture {
  const data = given instanceof Uint8ClampedArray ? given : asBytes(given);
  const isSize = Number.isInteger(width) && Number.isInteger(height);
  if (isSize && data?.length === width * height * 4) return { data, width, height };
  const got = data ? data.length : kindOf(given);
  throw new ArgumentError(`a picture of ${width} × ${height} needs ${width * height * 4} bytes of RGBA, got ${got}`);
}

/** The same picture with at most this many pixels a side: means of blocks of pixels over white, alike in both directions. */
export function shrunk(picture: RawPicture, limit: number): RawPicture {
  const { data, width, height } = picture;
  if (Math.max(width, height) <= limit) return picture;
  const step = Math.ceil(Math.max(width, height) / limit);
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const result = new Uint8Array(columns * rows * 4);
  for (let i = 0; i < result.length; i += 4) {
    const [x, y] = [((i / 4) % columns) * step, Math.floor(i / 4 / columns) * step];
    const sums = [0, 0, 0];
    let count = 0;
    for (let v = y; v < Math.min(y + step, height); v++) {
      for (let u = x; u < Math.min(x + step, width); u++, count++) {
        const at = (v * width + u) * 4;
        const alpha = data[at + 3] / 255;
        for (let c = 0; c < 3; c++) sums[c] += data[at + c] * alpha + 255 * (1 - alpha);
      }
    }
    result.set([...sums.map((sum) => sum / count + 0.5), 255], i);
  }
  return { data: result, width: columns, height: rows };
}
