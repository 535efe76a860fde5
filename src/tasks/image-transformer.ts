import { checkOptions } from '../arguments';
import type { PictureSpec, RawPicture } from '../picture';
import type { Tensor } from '../tensor';
import { toPixels } from './cpu-picture-model';
import { mapToPicture } from './map-to-picture';
import { type Answers, answerEach, type Picture, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

export interface TransformOptions {
  /**
   * Whether the network sees the whole picture at once, at its own size. Otherwise it sees one part after the other, pixel
   * for pixel, so that nothing is lost: right for larger, sharper and cleaner pictures.
   */
  readonly whole?: boolean;
}

/** Pixels of each part that its neighbours see as well, on every side: what lies at the rim of a part is not trusted. */
const OVERLAP = 16;

/**
 * Makes a picture of a picture: larger, sharper, of another style.
 *
 * ```ts
 * const transformer = await ImageTransformer.load(engine, 'real-esrgan.onnx');
 * const { data, width, height } = await transformer.transform(picture);
 * ```
 */
export class ImageTransformer extends VisionTask<Tensor> {
  static readonly task: Task<Tensor> = {
    name: 'transform',
    outputs: {
      transformed: {
        shape: '[1, 3, h, w] or [1, 1, h, w]',
        fits: ({ 1: c, length }) => length === 4 && (c === 3 || c === 1),
      },
    },
    result: ({ outputs }) => outputs.get('transformed')!,
  };

  /** What the network makes of a picture, or of each of several. @throws ArgumentError, DeviceLostError, DisposedError */
  async transform<P extends Pictures>(picture: P, options: TransformOptions = {}): Promise<Answers<P, RawPicture>> {
    checkOptions(options, { whole: true });
    return answerEach(picture, (one) => this.#transformOne(one, options));
  }

  async #transformOne(picture: Picture, options: TransformOptions): Promise<RawPicture> {
    const { data, width, height } = await toPixels(picture);
    const own = { data: data.slice(), width, height };
    return options.whole ? this.#whole(own) : this.#parts(own);
  }

  /** One look at all of it, laid over the picture again. */
  async #whole(picture: RawPicture): Promise<RawPicture> {
    const { outputs, placement } = await this.network.run(picture);
    const { data, shape } = outputs.get('transformed')!;
    const [, channels, height, width] = shape;
    const scale = height / placement.inputSize[0];
    const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
    const grown = (rectangle: typeof placement.source) => ({
      x: rectangle.x * scale,
      y: rectangle.y * scale,
      width: rectangle.width * scale,
      height: rectangle.height * scale,
    });
    const large = {
      ...placement,
      ...size,
      source: grown(placement.source),
      target: grown(placement.target),
      inputSize: [height, width] as const,
    };
    const planes = Array.from({ length: channels }, (_, c) =>
      mapToPicture({ data: data.subarray(c * height * width, (c + 1) * height * width), width, height }, large),
    );
    const result = { data: new Uint8ClampedArray(size.width * size.height * 4), ...size };
    const toByte = byteOf(this.network.spec);
    const before = channels === 1 ? enlarged(picture, size) : undefined;
    for (let i = 0; i < size.width * size.height; i++) {
      result.data.set(
        colourOf(
          planes.map((plane) => toByte(plane[i])),
          before?.subarray(i * 4, i * 4 + 3),
        ),
        i * 4,
      );
    }
    return result;
  }

  /** One part after the other, as large as the network's input, pixel for pixel. */
  async #parts(picture: RawPicture): Promise<RawPicture> {
    const [partHeight, partWidth] = this.network.spec.size;
    const toByte = byteOf(this.network.spec);
    let result: { data: Uint8ClampedArray; width: number; height: number } | undefined;
    for (const rows of partsOf(picture.height, partHeight)) {
      for (const columns of partsOf(picture.width, partWidth)) {
        const part = cut(picture, columns.start, rows.start, partWidth, partHeight);
        const { data, shape } = await this.answer(part);
        const [, channels, height, width] = shape;
        const scale = height / partHeight;
        const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
        result ??= { data: new Uint8ClampedArray(size.width * size.height * 4), ...size };
        const before = channels === 1 ? enlarged(part, { width, height }) : undefined;
        const [left, right, top, bottom] = [columns.from, columns.to, rows.from, rows.to].map((at) =>
          Math.round(at * scale),
        );
        for (let y = top; y < Math.min(bottom, size.height); y++) {
          for (let x = left; x < Math.min(right, size.width); x++) {
            const at = (y - Math.round(rows.start * scale)) * width + x - Math.round(columns.start * scale);
            const values = Array.from({ length: channels }, (_, c) => toByte(data[c * height * width + at]));
            result.data.set(colourOf(values, before?.subarray(at * 4, at * 4 + 3)), (y * size.width + x) * 4);
          }
        }
      }
    }
    return result!;
  }
}

/** Where parts begin, and which pixels of the picture are taken from each. */
function partsOf(length: number, part: number): { start: number; from: number; to: number }[] {
  if (length <= part) return [{ start: 0, from: 0, to: length }];
  const overlap = Math.min(OVERLAP, Math.floor(part / 4));
  const count = Math.ceil((length - 2 * overlap) / (part - 2 * overlap));
  const starts = Array.from({ length: count }, (_, k) => Math.round((k * (length - part)) / (count - 1)));
  // Two parts meet in the middle of what both see.
  const edges = starts.slice(1).map((start, k) => Math.round((start + starts[k] + part) / 2));
  return starts.map((start, k) => ({
    start,
    from: k === 0 ? 0 : edges[k - 1],
    to: k === count - 1 ? length : edges[k],
  }));
}

/** A part of a picture; beyond its edge the last pixels are repeated. */
function cut(picture: RawPicture, left: number, top: number, width: number, height: number): RawPicture {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = Math.min(top + y, picture.height - 1) * picture.width + Math.min(left + x, picture.width - 1);
      data.set(picture.data.subarray(from * 4, from * 4 + 4), (y * width + x) * 4);
    }
  }
  return { data, width, height };
}

/** Networks give values in the range in which they take them: in 0..255, in -1..1, or in 0..1. */
function byteOf({ mean: [mean], std: [std] }: PictureSpec): (value: number) => number {
  if (std < 0.01) return (value) => value;
  return mean === 0.5 && std === 0.5 ? (value) => (value + 1) * 127.5 : (value) => value * 255;
}

/** Three values are a colour. One is brightness: colours stay as they were before. ITU-R BT.601, section 2.5.1. */
function colourOf(values: readonly number[], before: Uint8ClampedArray | undefined): number[] {
  if (!before) return [...values, 255];
  const [red, green, blue] = before;
  const change = values[0] - (0.299 * red + 0.587 * green + 0.114 * blue);
  return [red + change, green + change, blue + change, 255];
}

/** A picture of another size, interpolated bilinearly. */
function enlarged(
  { data, width, height }: RawPicture,
  size: { readonly width: number; readonly height: number },
): Uint8ClampedArray {
  const whole = { x: 0, y: 0, ...size };
  const placement = {
    ...size,
    inputSize: [height, width] as const,
    source: whole,
    target: { x: 0, y: 0, width, height },
  };
  const result = new Uint8ClampedArray(size.width * size.height * 4);
  for (let c = 0; c < 4; c++) {
    const plane = Float32Array.from({ length: width * height }, (_, i) => data[i * 4 + c]);
    for (const [i, value] of mapToPicture({ data: plane, width, height }, placement).entries())
      result[i * 4 + c] = value;
  }
  return result;
}
