import { ArgumentError, type PictureSpec, type RawPicture, Tensor } from '../../src';
import type { Dimension } from '../../src/formats/onnx/schema';
import { pictureToTensor } from '../../src/reference/picture';

export type Triple = readonly [number, number, number];
export type Layout = 'nchw' | 'nhwc';
export type Channels = 'rgb' | 'bgr' | 'grey';
/** `corner` is a letterbox with the picture in the upper left corner. */
export type Fit = PictureSpec['fit'] | 'corner';

/** How a picture becomes the input of somebody's network: what its file does not say. */
export interface Preparation {
  readonly layout: Layout;
  readonly channels: Channels;
  readonly size: readonly [height: number, width: number];
  readonly fit: Fit;
  /** In the network's order of channels, applied as `(v - mean) / std` to values in 0..255. */
  readonly mean: Triple;
  readonly std: Triple;
}

/** Means and deviations that networks are commonly trained with, for values in 0..255. */
export const RANGES = {
  unit: { mean: [0, 0, 0], std: [255, 255, 255] },
  imagenet: { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  signed: { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
  bytes: { mean: [0, 0, 0], std: [1, 1, 1] },
} as const satisfies Record<string, Pick<Preparation, 'mean' | 'std'>>;
export type Range = keyof typeof RANGES;

/** Where nothing says how large: what most classifiers are trained on. */
const USUAL_SIZE = 224;

/** The facts that a file settles about its input picture, and those that it leaves open. */
export interface PictureInput {
  readonly layouts: readonly [Layout, ...Layout[]];
  /** The lengths that the file settles. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** How many, where the file settles that. */
  readonly colours: 1 | 3 | undefined;
}

/**
 * Reads the declared dimensions of an input as those of a picture. Where lengths are open, both orders of axes may be
 * meant.
 *
 * @throws ArgumentError when they are no picture's
 */
export function pictureInput(name: string, dims: readonly Dimension[] | undefined): PictureInput {
  const text = dims ? `[${dims.map((d) => d ?? '?').join(', ')}]` : 'of unknown rank';
  const refuse = (why: string): never => {
    throw new ArgumentError(
      `Its input "${name}" is ${text}, and ${why}. The page runs networks that take one picture, [1, 3, H, W] or [1, H, W, 3]; \`fovea run\` takes any input.`,
    );
  };
  if (dims?.length !== 4) return refuse('a picture has four axes');
  const [batch, ...axes] = dims;
  if (typeof batch === 'number' && batch !== 1) return refuse(`it wants ${batch} pictures at once`);
  const mayBeColours = (dim: Dimension): boolean => dim === 1 || dim === 3 || typeof dim !== 'number';
  const settled = (dim: Dimension): boolean => typeof dim === 'number';
  const fits = (at: number): boolean => mayBeColours(axes[at]);
  // An axis that surely holds colours leaves no doubt.
  const [first, last] = [fits(0) && settled(axes[0]), fits(2) && settled(axes[2])];
  const layouts: Layout[] = [];
  if (fits(0) && (first || !last)) layouts.push('nchw');
  if (fits(2) && !first) layouts.push('nhwc');
  const [layout, ...others] = layouts;
  if (!layout) return refuse('neither its second nor its last axis has 1 or 3 channels');
  const length = (dim: Dimension): number | undefined => (typeof dim === 'number' ? dim : undefined);
  const [height, width] = layout === 'nchw' ? [axes[1], axes[2]] : [axes[0], axes[1]];
  const channels = length(layout === 'nchw' ? axes[0] : axes[2]);
  const colours = channels === 1 || channels === 3 ? channels : undefined;
  return { layouts: [layout, ...others], height: length(height), width: length(width), colours };
}

/** The first guess: bytes as they are, or 0..1 where axes are PyTorch's and -1..1 where they are TensorFlow's. */
export function usualPreparation(
  { layouts: [layout], height, width, colours }: PictureInput,
  dtype: 'float32' | 'int32',
): Preparation {
  const range = dtype === 'int32' ? 'bytes' : layout === 'nchw' ? 'unit' : 'signed';
  return {
    layout,
    channels: colours === 1 ? 'grey' : 'rgb',
    size: [height ?? width ?? USUAL_SIZE, width ?? height ?? USUAL_SIZE],
    fit: 'squash',
    ...RANGES[range],
  };
}

/** The shape of the input tensor. */
export function inputShape({ layout, channels, size: [height, width] }: Preparation): number[] {
  const colours = channels === 'grey' ? 1 : 3;
  return layout === 'nchw' ? [1, colours, height, width] : [1, height, width, colours];
}

/** Where the picture lies in the input, for the way back. */
export function placementSpec({ size, fit, channels, mean, std }: Preparation): PictureSpec {
  const scaled = ([a, b, c]: Triple): Triple => [a / 255, b / 255, c / 255];
  return {
    size,
    fit: fit === 'corner' ? 'letterbox' : fit,
    align: fit === 'corner' ? 'top-left' : 'centre',
    channels: channels === 'bgr' ? 'bgr' : 'rgb',
    mean: scaled(mean),
    std: scaled(std),
  };
}

/** Weights of red, green and blue in brightness. ITU-R BT.601, section 2.5.1. */
const BRIGHTNESS: Triple = [0.299, 0.587, 0.114];

/** A picture as the input of a network. @param dtype whole numbers for networks that take bytes */
export function prepare(picture: RawPicture, preparation: Preparation, dtype: 'float32' | 'int32'): Tensor {
  const { layout, channels, mean, std, size } = preparation;
  const spec = placementSpec(preparation);
  const pixels = size[0] * size[1];
  let planes: Tensor<'float32'>;
  if (channels === 'grey') {
    const { data } = pictureToTensor(picture, { ...spec, mean: [0, 0, 0], std: [1, 1, 1] });
    const grey = Float32Array.from({ length: pixels }, (_, i) => {
      const value = BRIGHTNESS.reduce((sum, weight, c) => sum + weight * data[c * pixels + i], 0);
      return (value * 255 - mean[0]) / std[0];
    });
    planes = Tensor.float32([1, 1, ...size], grey);
  } else {
    planes = pictureToTensor(picture, spec);
  }
  const colours = planes.size / pixels;
  const values =
    layout === 'nchw'
      ? planes.data
      : Float32Array.from(
          { length: planes.size },
          (_, i) => planes.data[(i % colours) * pixels + Math.floor(i / colours)],
        );
  const shape = inputShape(preparation);
  return dtype === 'int32' ? Tensor.int32(shape, values.map(Math.round)) : Tensor.float32(shape, values);
}
