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

/** A way to read boxes, by where they and their scores are. `boxes` is B, `classes` C. */
export type Head =
  /** SSD's: boxes `[1, B, 4]` or `[1, B, 1, 4]`, scores `[1, B, C]`. Liu et al. 2016. */
  | { readonly form: 'scored'; readonly boxes: string; readonly scores: string }
  /** YOLO's: `[1, B, 5 + C]` with objectness, or `[1, B, 4 + C]` without; or with the last two axes swapped. */
  | {
      readonly form: 'yolo';
      readonly output: string;
      readonly classes: number;
      readonly objectness: boolean;
      readonly boxesLast: boolean;
    }
  /** One cell of a grid per box, without anchors: offsets `[1, H·W, 4]` and scores `[1, H·W, C]` for each stride. */
  | { readonly form: 'strides'; readonly levels: readonly Level[] }
  /** MediaPipe's: `[1, B, 4 + 2K]` in pixels from the centres of a grid's cells, scores `[1, B, 1]`. */
  | { readonly form: 'cells'; readonly levels: readonly Level[] }
  /** Suppressed by the network: rows `[1, B, 6]` of x0, y0, x1, y1, score, class. */
  | { readonly form: 'rows'; readonly output: string }
  /** Suppressed by the network: boxes `[1, B, 4]`, scores `[1, B]`, classes `[1, B]`. */
  | { readonly form: 'lists'; readonly boxes: string; readonly scores: string; readonly classes?: string };

/** One grid of boxes. */
export interface Level {
  readonly boxes: string;
  /** Multiplied with each other. */
  readonly scores: readonly string[];
  /** In pixels of the input. */
  readonly stride: number;
  /** Boxes per cell. */
  readonly perCell: number;
}

/** The meanings that outputs may have. */
export type Reading =
  | { readonly kind: 'classes'; readonly output: string }
  | { readonly kind: 'boxes'; readonly head: Head }
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

/** Everything that a network's outputs may mean by their names and shapes, the likeliest first; feature maps always may. */
export function readingsOf(outputs: readonly OutputInfo[], input: InputInfo): Reading[] {
  const heads = headsOf(outputs, input).map((head): Reading => ({ kind: 'boxes', head }));
  const rest = outputs.flatMap((output) => [...imageReadings(output, input), ...classReadings(output)]);
  const maps = outputs.map(({ name }): Reading => ({ kind: 'maps', output: name }));
  // Numbers that describe rather than name a class are better seen than read.
  const isVector = outputs.length > 0 && /embed|feature/i.test(outputs[0].name);
  return isVector ? [...heads, ...maps, ...rest] : [...heads, ...rest, ...maps];
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

function headsOf(outputs: readonly OutputInfo[], input: InputInfo): Head[] {
  const found = [lists(outputs), levels(outputs, input), scored(outputs), rows(outputs, input), yolo(outputs, input)];
  return found.filter((head) => head !== undefined);
}

const isRank = ({ shape }: OutputInfo, rank: number): boolean => shape.length === rank && shape[0] === 1;
const isFloat = ({ dtype }: OutputInfo): boolean => dtype === 'float32';

/** Boxes, scores and classes under those names, as detectors give them that suppress for themselves. */
function lists(outputs: readonly OutputInfo[]): Head | undefined {
  const named = (pattern: RegExp, width: number[]): OutputInfo | undefined =>
    outputs.find(({ name, shape }) => {
      const axes = shape.length > width.length + 1 && shape[0] === 1 ? shape.slice(1) : shape;
      return pattern.test(name) && axes.length === width.length + 1 && width.every((d, i) => axes[i + 1] === d);
    });
  const [boxes, scores] = [named(/box/i, [4]), named(/score|conf/i, [])];
  if (!boxes || !scores || boxes.shape.at(-2) !== scores.shape.at(-1)) return undefined;
  const classes = named(/class|label/i, [])?.name;
  return { form: 'lists', boxes: boxes.name, scores: scores.name, ...(classes !== undefined && { classes }) };
}

/** Several outputs of the same lengths, one length per grid. */
function levels(outputs: readonly OutputInfo[], input: InputInfo): Head | undefined {
  const rows = outputs.filter((output) => isRank(output, 3) && isFloat(output));
  const counts = [...new Set(rows.map(({ shape }) => shape[1]))];
  if (counts.length < 2) return undefined;
  const found: (Level & { readonly width: number })[] = [];
  for (const count of counts) {
    const group = rows.filter(({ shape }) => shape[1] === count);
    const scores = group.filter(({ shape }) => shape[2] === 1);
    const boxes = group.find(({ name, shape }) => shape[2] === 4 && !/kps|landm/i.test(name)) ?? group.find(isWide);
    const grid = boxes && scores.length > 0 && gridOf(count, input);
    if (!grid) return undefined;
    found.push({ boxes: boxes.name, scores: scores.map(({ name }) => name), width: boxes.shape[2], ...grid });
  }
  const plain = found.map(({ width: _, ...level }) => level);
  if (found.every(({ width, perCell }) => width === 4 && perCell === 1)) return { form: 'strides', levels: plain };
  return found.every(({ width }) => width > 4) ? { form: 'cells', levels: plain } : undefined;
}

/** A box and key points of two coordinates each. */
const isWide = ({ shape }: OutputInfo): boolean => shape[2] > 4 && shape[2] % 2 === 0;

/** The finest grid, by strides that are powers of two, of which `count` is a multiple. */
function gridOf(count: number, { height, width }: InputInfo): Pick<Level, 'stride' | 'perCell'> | undefined {
  for (let stride = 4; stride <= 128; stride *= 2) {
    const cells = Math.ceil(height / stride) * Math.ceil(width / stride);
    if (count % cells === 0) return { stride, perCell: count / cells };
  }
  return undefined;
}

/** `[1, B, 4]` beside `[1, B, C]`. */
function scored(outputs: readonly OutputInfo[]): Head | undefined {
  const candidates = outputs.filter(isFloat);
  const boxes = candidates.find(
    ({ name, shape }) => shape[0] === 1 && shape.at(-1) === 4 && shape.length >= 3 && !/score|conf|class/i.test(name),
  );
  const scores = candidates.find(
    (output) => output !== boxes && isRank(output, 3) && output.shape[1] === boxes?.shape[1],
  );
  const isFlat = boxes && (boxes.shape.length === 3 || (boxes.shape.length === 4 && boxes.shape[2] === 1));
  return isFlat && scores ? { form: 'scored', boxes: boxes.name, scores: scores.name } : undefined;
}

/** A few hundred rows of six that no grid counts. */
function rows(outputs: readonly OutputInfo[], input: InputInfo): Head | undefined {
  const output = outputs.find(({ shape }) => shape.length === 3 && shape[0] === 1 && shape[2] === 6);
  return output && !gridCounts(input).includes(output.shape[1]) ? { form: 'rows', output: output.name } : undefined;
}

/** Strides of the grids that YOLOs have: three; two in tiny ones, four in those for small or large things. */
export const GRIDS: readonly (readonly number[])[] = [
  [8, 16, 32],
  [16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
];

/** How many boxes such grids have, with one, two or three in a cell. */
function gridCounts({ height, width }: InputInfo): number[] {
  const cells = (stride: number): number => Math.ceil(height / stride) * Math.ceil(width / stride);
  return GRIDS.flatMap((strides) =>
    [1, 2, 3].map((perCell) => perCell * strides.reduce((sum, stride) => sum + cells(stride), 0)),
  );
}

/** Classes of COCO, which tell `[1, B, 84]` from `[1, B, 85]` where nothing else does. */
const COCO_CLASSES = 80;

function yolo(outputs: readonly OutputInfo[], input: InputInfo): Head | undefined {
  const counts = gridCounts(input);
  for (const { name, shape, dtype } of outputs) {
    if (dtype !== 'float32' || shape.length !== 3 || shape[0] !== 1) continue;
    const boxesLast = shape[2] > shape[1];
    const [width, count] = boxesLast ? [shape[1], shape[2]] : [shape[2], shape[1]];
    if (!counts.includes(count)) continue;
    // With prototypes of masks beside it, each box has as many weights for them behind its classes.
    const prototypes = outputs.find((o) => o.name !== name && o.shape.length === 4 && o.shape[0] === 1)?.shape[1] ?? 0;
    const own = width - prototypes;
    // Since YOLOv8 boxes lie along the last axis and have no objectness. Box-first with it: YOLOv3 to v7 and YOLOX.
    const objectness = !boxesLast && own !== 4 + COCO_CLASSES;
    const classes = own - (objectness ? 5 : 4);
    if (classes >= 1) return { form: 'yolo', output: name, classes, objectness, boxesLast };
  }
  return undefined;
}
