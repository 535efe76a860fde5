import type { Shape } from '../../src';

/** The facts about a network before it has run: enough to guess what its outputs mean. */
export interface OutputInfo {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32' | 'bool';
}

export interface InputInfo {
  readonly height: number;
  readonly width: number;
  readonly colours: 1 | 3;
}

/** The meanings that outputs may have. */
export type Reading =
  | { readonly kind: 'classes'; readonly output: string }
  /** Rows of `detections`, which the library's decoding adds to the outputs. */
  | { readonly kind: 'boxes' }
  | { readonly kind: 'mask'; readonly output: string; readonly image: ImageOutput }
  | { readonly kind: 'picture'; readonly output: string; readonly image: ImageOutput }
  | { readonly kind: 'maps'; readonly output: string };

/** An output with an axis for height and one for width. */
export interface ImageOutput {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly channelsLast: boolean;
}

/**
 * Everything that a network's outputs may mean by their names and shapes, the likeliest first; feature maps always may.
 *
 * @param hasBoxes whether one of the library's heads finds boxes in them
 */
export function readingsOf(outputs: readonly OutputInfo[], input: InputInfo, hasBoxes = false): Reading[] {
  const boxes: Reading[] = hasBoxes ? [{ kind: 'boxes' }] : [];
  const rest = outputs.flatMap((output) => [...imageReadings(output, input), ...classReadings(output)]);
  const maps = outputs.map(({ name }): Reading => ({ kind: 'maps', output: name }));
  // Numbers that describe rather than name a class are better seen than read.
  const isVector = outputs.length > 0 && /embed|feature/i.test(outputs[0].name);
  return isVector ? [...boxes, ...maps, ...rest] : [...boxes, ...rest, ...maps];
}

/** One score for each class: `[C]`, `[1, C]`, `[1, C, 1, 1]` and the like. */
function classReadings({ name, shape, dtype }: OutputInfo): Reading[] {
  const axes = shape.filter((d) => d !== 1);
  return dtype === 'float32' && axes.length === 1 ? [{ kind: 'classes', output: name }] : [];
}

/** A mask is at most eight times smaller than the input; what is coarser are features. */
const COARSEST = 8;
/** More classes than any common data set for segmentation has (ADE20K: 150) are features, too. */
const MOST_CLASSES = 256;

function imageReadings({ name, shape, dtype }: OutputInfo, input: InputInfo): Reading[] {
  const image = imageOf(shape, input);
  if (!image) return [];
  const mask: Reading = { kind: 'mask', output: name, image };
  const picture: Reading = { kind: 'picture', output: name, image };
  if (dtype !== 'float32') return image.channels === 1 ? [mask] : [];
  if (image.channels > MOST_CLASSES) return [];
  const isLarger = image.height > input.height && image.width > input.width;
  switch (image.channels) {
    // A grey picture for a grey one, or a larger one, is a better picture; else it is how likely each pixel is.
    case 1:
      return isLarger || input.colours === 1 ? [picture, mask] : [mask, picture];
    case 3:
      return image.height >= input.height ? [picture, mask] : [mask, picture];
    default:
      return [mask];
  }
}

/** Whether a picture has the input's proportions, give or take a pixel that rounding loses. */
const isAlike = (image: ImageOutput, input: InputInfo): boolean =>
  Math.abs(image.width - (image.height * input.width) / input.height) <= 1 + input.width / input.height;

/** `[1, C, H, W]`, `[1, H, W, C]` or `[1, H, W]`, whichever has the input's proportions. */
function imageOf(shape: Shape, input: InputInfo): ImageOutput | undefined {
  const [batch, first, middle, last] = shape;
  if (batch !== 1) return undefined;
  const candidates: ImageOutput[] =
    shape.length === 3
      ? [{ channels: 1, height: first, width: middle, channelsLast: false }]
      : shape.length === 4
        ? [
            { channels: first, height: middle, width: last, channelsLast: false },
            { channels: last, height: first, width: middle, channelsLast: true },
          ]
        : [];
  return candidates.find((image) => image.height * COARSEST >= input.height && isAlike(image, input));
}
