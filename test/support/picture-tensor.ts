import sharp from 'sharp';
import { type Shape, Tensor } from '../../src/tensor';

export interface Preprocessing {
  /** Subtracted from each channel, in 0..255 and in the network's order of channels. */
  readonly mean: readonly [number, number, number];
  /** Multiplies the difference. */
  readonly scale: readonly [number, number, number];
  readonly bgr?: boolean;
  /** A single channel of luminance. */
  readonly grey?: boolean;
  /** `[1, H, W, C]` instead of `[1, C, H, W]`. */
  readonly channelsLast?: boolean;
}

/** Decodes a picture file, stretches it to the network's size and normalises it. */
export async function pictureTensor(file: string, shape: Shape, how: Preprocessing): Promise<Tensor<'float32'>> {
  const [height, width, channels] = how.channelsLast ? shape.slice(1) : [shape[2], shape[3], shape[1]];
  const picture = sharp(file).resize(width, height, { fit: 'fill', kernel: 'linear' }).removeAlpha();
  const pixels = await (how.grey ? picture.greyscale() : picture.toColourspace('srgb')).raw().toBuffer();
  const stored = pixels.length / (width * height);
  const tensor = Tensor.float32(shape);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < channels; c++) {
      const value = pixels[pixel * stored + (how.bgr ? channels - 1 - c : c)];
      const at = how.channelsLast ? pixel * channels + c : c * width * height + pixel;
      tensor.data[at] = (value - how.mean[c]) * how.scale[c];
    }
  }
  return tensor;
}
