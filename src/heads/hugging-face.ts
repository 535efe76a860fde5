import type { Pair } from '../operators/window';
import type { PictureSpec } from '../picture';

/** A JSON object of a file by others: nothing about it is sure. */
export type Json = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isTriple = (value: unknown): value is [number, number, number] =>
  Array.isArray(value) && value.length === 3 && value.every(isNumber);
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The names of `config.json`, by their numbers. */
export function labelsOf({ id2label, label_names: names }: Json): string[] | undefined {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  if (!isObject(id2label)) return undefined;
  const labels = Object.keys(id2label).map((_, index) => String(id2label[index] ?? `class ${index}`));
  return labels.length > 0 ? labels : undefined;
}

/**
 * How a picture is prepared, from Hugging Face's `preprocessor_config.json`, or from timm's `config.json`.
 *
 * @returns only what the file says
 */
export function preparationOf(preprocessor: Json, config: Json): Partial<PictureSpec> {
  const timm = config.pretrained_cfg;
  return isObject(timm) ? fromTimm(timm) : fromTransformers(preprocessor);
}

function fromTransformers(file: Json): Partial<PictureSpec> {
  if (file.image_mean === undefined && file.size === undefined && file.do_rescale === undefined) return {};
  const { size, crop_size: crop, do_center_crop: crops, crop_pct: share } = file;
  const [target, cropped] = [sizeOf(size), sizeOf(crop)];
  const short = shortOf(size);
  const isCropped = crops === true && cropped !== undefined;
  return {
    ...rangeOf(file),
    ...filterOf(file.do_resize === false ? undefined : file.resample),
    wholePixels: true,
    ...(isCropped && { size: cropped }),
    ...(!isCropped && target && { size: target }),
    // ConvNeXT's: below 384 the short side becomes size / crop_pct, of which the middle is seen.
    ...(!isCropped && short !== undefined && isNumber(share) && { size: [short, short], fit: 'crop', keep: share }),
    ...(isCropped && short !== undefined && { fit: 'crop', keep: Math.min(1, cropped[0] / short) }),
    ...(!isCropped && target && { fit: 'squash' }),
  };
}

function fromTimm(file: Json): Partial<PictureSpec> {
  const { input_size: input, mean, std, crop_pct: keep, crop_mode: mode } = file;
  return {
    ...filterOf({ bilinear: 2, bicubic: 3 }[String(file.interpolation)]),
    wholePixels: true,
    ...(isTriple(input) && { size: [input[1], input[2]] as const }),
    ...(isTriple(mean) && { mean }),
    ...(isTriple(std) && { std }),
    ...(isNumber(keep) && (mode === undefined || mode === 'center') && { fit: 'crop', keep }),
    ...(mode === 'squash' && { fit: 'squash' }),
  };
}

/** Pixels are multiplied with a factor, then normalised: as a mean and a deviation of values in 0..1. */
function rangeOf(file: Json): Partial<PictureSpec> {
  const { do_rescale: rescales = true, rescale_factor: factor = 1 / 255, do_normalize: normalises = true } = file;
  if (!isNumber(factor)) return {};
  const scale = rescales ? 255 * factor : 255;
  const scaled = (triple: readonly number[]): [number, number, number] => [
    triple[0] / scale,
    triple[1] / scale,
    triple[2] / scale,
  ];
  const { image_mean: mean, image_std: std } = file;
  const isNormalised = normalises && isTriple(mean) && isTriple(std);
  const range = isNormalised
    ? { mean: scaled(mean), std: scaled(std) }
    : { mean: scaled([0, 0, 0]), std: scaled([1, 1, 1]) };
  return { ...range, ...(file.do_flip_channel_order === true && { channels: 'bgr' }) };
}

/** By Pillow's numbers. */
const filterOf = (number: unknown): Partial<PictureSpec> =>
  number === 3 ? { filter: 'bicubic' } : number === 2 ? { filter: 'bilinear' } : {};

/** `{ height, width }`, or one number. */
function sizeOf(size: unknown): Pair | undefined {
  if (isNumber(size)) return [size, size];
  return isObject(size) && isNumber(size.height) && isNumber(size.width) ? [size.height, size.width] : undefined;
}

/** The length that the short side gets. */
function shortOf(size: unknown): number | undefined {
  if (isNumber(size)) return size;
  return isObject(size) && isNumber(size.shortest_edge) ? size.shortest_edge : sizeOf(size)?.[0];
}
