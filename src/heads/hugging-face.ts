import type { Pair } from '../operators/window';
import type { PictureSpec } from '../picture';
import { RANGES } from './usual';

/** A JSON object of a file by others: nothing about it is sure. */
export type Json = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
type Triple = readonly [number, number, number];
const isTriple = (value: unknown): value is Triple =>
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

function fromTransformers(given: Json): Partial<PictureSpec> {
  // The file of a processor for pictures and text holds that for pictures.
  const file = isObject(given.image_processor) ? given.image_processor : given;
  if (file.image_mean === undefined && file.size === undefined && file.do_rescale === undefined) return {};
  return {
    ...rangeOf(file),
    ...filterOf(file.do_resize === false ? undefined : FILTERS[Number(file.resample)]),
    wholePixels: 'floor',
    ...fitOf(file),
  };
}

/** The class of transformers that reads the file: `ConvNext`, for instance. Some say by their name alone how they resize. */
const kindOf = ({ image_processor_type: type, feature_extractor_type: old }: Json): string =>
  String(type ?? old ?? '').replace(/(ImageProcessor|FeatureExtractor).*$/, '');

/** Below this side ConvNeXT's pictures are cropped. */
const CONVNEXT_WHOLE = 384;

/** Size and fit: what is resized to which side, and whether its middle is seen. */
function fitOf(file: Json): Pick<Partial<PictureSpec>, 'size' | 'fit' | 'keep' | 'bars'> {
  const kind = kindOf(file);
  const [target, cropped] = [sizeOf(file.size), file.do_center_crop === true ? sizeOf(file.crop_size) : undefined];
  // ViTPose's: people keep their proportions, with a margin of a quarter of their box around it.
  if (file.do_affine_transform === true && target) return { size: target, fit: 'letterbox', bars: 0, keep: 1 / 1.25 };
  let short = shortOf(file.size);
  const { crop_pct: given = { ConvNext: 224 / 256, PoolFormer: 0.9 }[kind] } = file;
  const share = isNumber(given) ? given : undefined;
  if (!cropped && short !== undefined && share !== undefined) {
    if (short >= CONVNEXT_WHOLE) return { size: [short, short], fit: 'squash' };
    return { size: [short, short], fit: 'crop', keep: short / Math.trunc(short / share) };
  }
  if (!cropped) {
    const size = target ?? (short === undefined ? undefined : ([short, short] as const));
    return size ? { size, fit: 'squash' } : {};
  }
  // One number is the side of a square to these, the short side to all others that crop.
  const isSquare = isNumber(file.size) ? /^(Beit|DeiT|Flava)$/i.test(kind) : target !== undefined;
  if (short !== undefined && share !== undefined) short = Math.trunc(short / share);
  else if (target && isSquare) return { size: cropped, fit: 'squash', keep: Math.min(1, cropped[0] / target[0]) };
  if (short !== undefined && kind === 'Levit') short = Math.trunc((short * 256) / 224);
  return { size: cropped, ...(short !== undefined && { fit: 'crop', keep: Math.min(1, cropped[0] / short) }) };
}

function fromTimm(file: Json): Partial<PictureSpec> {
  const { input_size: input, mean, std, crop_pct: share, crop_mode: mode = 'center' } = file;
  const side = isTriple(input) ? input[1] : undefined;
  // The side before cropping is a whole number.
  const keep = isNumber(share) ? (side === undefined ? share : side / Math.floor(side / share)) : undefined;
  return {
    ...filterOf(String(file.interpolation)),
    wholePixels: true,
    ...(isTriple(input) && { size: [input[1], input[2]] as const }),
    ...(isTriple(mean) && { mean }),
    ...(isTriple(std) && { std }),
    ...(keep !== undefined && mode === 'center' && { fit: 'crop', keep }),
    ...(mode === 'squash' && { fit: 'squash', ...(keep !== undefined && { keep }) }),
  };
}

/** Means that classes of transformers have where their file has none; for all others it is ImageNet's. */
const OWN_RANGES: readonly (readonly [kinds: RegExp, range: { readonly mean: Triple; readonly std: Triple }])[] = [
  [/^(Beit|DeiT|DPT|EfficientNet|MobileNetV[12]|Siglip|ViT|ZoeDepth|VitMatte)$/i, RANGES.signed],
  [
    /^(CLIP|ChineseCLIP|Bit|Blip|OwlViT|Owlv2)$/i,
    { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  ],
];

/** Pixels are multiplied with a factor, then normalised: as a mean and a deviation of values in 0..1. */
function rangeOf(file: Json): Partial<PictureSpec> {
  const { do_rescale: rescales = true, rescale_factor: factor = 1 / 255 } = file;
  if (!isNumber(factor)) return {};
  const scale = rescales ? 255 * factor : 255;
  // EfficientNet's: values in -1..1, and a second division by the deviation.
  const offset = rescales && file.rescale_offset === true ? 1 : 0;
  const isTwice = file.include_top === true && kindOf(file) === 'EfficientNet';
  const { mean, std } = normalisationOf(file);
  const scaled = (values: readonly number[]): Triple =>
    values.map((value) => value / scale) as [number, number, number];
  return {
    mean: scaled(mean.map((value) => value + offset)),
    std: scaled(isTwice ? std.map((value) => value * value) : std),
    ...(file.do_flip_channel_order === true && { channels: 'bgr' }),
  };
}

/** What values are normalised by, after they were multiplied: by 0 and 1 where they are not. */
function normalisationOf(file: Json): { readonly mean: Triple; readonly std: Triple } {
  const [mean, std] = [file.image_mean, file.image_std].map((value) =>
    isNumber(value) ? ([value, value, value] as const) : isTriple(value) ? value : undefined,
  );
  // MobileViT's files have a mean, which its class does not use.
  const { do_normalize: normalises = kindOf(file) !== 'MobileViT' } = file;
  if (!normalises) return RANGES.unit;
  if (mean && std) return { mean, std };
  if (file.do_normalize !== true) return RANGES.unit;
  return OWN_RANGES.find(([kinds]) => kinds.test(kindOf(file)))?.[1] ?? RANGES.imagenet;
}

/** By Pillow's numbers. */
const FILTERS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

const filterOf = (name: string | undefined): Partial<PictureSpec> => {
  const filter = FILTERS.find((one) => one === name);
  return filter ? { filter } : {};
};

/** Depth networks without a size of their own want one that this divides. */
export const divisorOf = ({ size_divisor: divisor }: Json): number =>
  isNumber(divisor) && Number.isInteger(divisor) && divisor > 0 ? divisor : 1;

/** `{ height, width }`, or one number. */
function sizeOf(size: unknown): Pair | undefined {
  if (isNumber(size)) return [size, size];
  return isObject(size) && isNumber(size.height) && isNumber(size.width) ? [size.height, size.width] : undefined;
}

/** The length that the short side gets; where only the long one's is known, that. */
function shortOf(size: unknown): number | undefined {
  if (isNumber(size)) return size;
  if (!isObject(size)) return undefined;
  return [size.shortest_edge, size.longest_edge, size.height].find(isNumber);
}
