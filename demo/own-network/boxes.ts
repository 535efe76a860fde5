import { ArgumentError, Tensor } from '../../src';
import { nonMaximumSuppression } from '../../src/reference/non-maximum-suppression';
import { GRIDS, type Head, type InputInfo, type Level } from './outputs';

type Values = ReadonlyMap<string, Tensor>;
type YoloHead = Head & { readonly form: 'yolo' };
type ListsHead = Head & { readonly form: 'lists' };

/** Boxes as corners in 0..1 of the input, before suppression. */
interface Candidates {
  /** `[B, 4]`: xmin, ymin, xmax, ymax */
  readonly corners: Float32Array;
  /** `[B, classes]` in 0..1 */
  readonly scores: Float32Array;
  readonly classes: number;
}

/** The lowest threshold on the page. */
const LEAST_SCORE = 0.05;
const MOST_PER_CLASS = 100;
const OVERLAP = 0.45;
const MOST_CLASSES = 10_000;

/**
 * The boxes that a head's outputs say, those that overlap better ones of the same class left out.
 *
 * @returns rows `[M, 6]`: xmin, ymin, xmax, ymax in 0..1 of the input, score in 0..1, class
 * @throws ArgumentError when the numbers are no such boxes
 */
export function decodeBoxes(head: Head, values: Values, input: InputInfo): Float32Array {
  const { corners, scores, classes } = candidatesOf(head, values, input);
  const count = corners.length / 4;
  const boxes = Tensor.float32([1, count, 4], corners);
  const attributes = {
    scoreLayout: 'box-first',
    boxFormat: 'corners',
    iouThreshold: OVERLAP,
    scoreThreshold: LEAST_SCORE,
    maxPerClass: MOST_PER_CLASS,
    firstClass: 0,
  } as const;
  const most = classes * Math.min(MOST_PER_CLASS, count);
  const [, detections, kept] = nonMaximumSuppression([boxes, Tensor.float32([1, count, classes], scores)], attributes, [
    [most],
  ]);
  return (detections.data as Float32Array).slice(0, Number(kept.data[0]) * 6);
}

function candidatesOf(head: Head, values: Values, input: InputInfo): Candidates {
  switch (head.form) {
    case 'scored':
      return scoredCandidates(numbers(values, head.boxes), numbers(values, head.scores), input);
    case 'yolo':
      return yoloCandidates(head, values.get(head.output)!, input);
    case 'strides':
      return join(head.levels.map((level) => strideCandidates(level, values, input)));
    case 'cells':
      return join(head.levels.map((level) => cellCandidates(level, values, input)));
    case 'rows':
      return rowCandidates(numbers(values, head.output), input);
    case 'lists':
      return listCandidates(head, values, input);
    default:
      throw new ArgumentError(`unknown head ${head satisfies never}`);
  }
}

const numbers = (values: Values, name: string): Float32Array => Float32Array.from(values.get(name)!.data);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const isProbability = (x: number): boolean => x >= -1e-4 && x <= 1 + 1e-4;

/** Values that are no probabilities are taken to be logits. */
const asProbabilities = (values: Float32Array): Float32Array =>
  values.every(isProbability) ? values : values.map(sigmoid);

/** Lays several grids' boxes behind each other. */
function join(parts: readonly Candidates[]): Candidates {
  const joined = (list: readonly Float32Array[]): Float32Array => {
    const all = new Float32Array(list.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of list) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return {
    corners: joined(parts.map(({ corners }) => corners)),
    scores: joined(parts.map(({ scores }) => scores)),
    classes: parts[0].classes,
  };
}

/** `[cx, cy, w, h]` in pixels as corners in 0..1. */
function putCentred(
  corners: Float32Array,
  at: number,
  [cx, cy, w, h]: readonly number[],
  { width, height }: InputInfo,
) {
  corners.set([(cx - w / 2) / width, (cy - h / 2) / height, (cx + w / 2) / width, (cy + h / 2) / height], at * 4);
}

/** Boxes in 0..1 or in pixels, by their corners or by centre and size: whichever makes boxes of them. */
function scoredCandidates(boxes: Float32Array, raw: Float32Array, input: InputInfo): Candidates {
  const count = boxes.length / 4;
  const classes = raw.length / count;
  const { scores, kept } = classScores(raw, count, classes);
  const likely = Array.from({ length: count }, (_, b) => b).filter((b) =>
    scores.subarray(b * kept, (b + 1) * kept).some((score) => score > LEAST_SCORE),
  );
  const share = (test: (a: number, b: number, c: number, d: number) => boolean): number => {
    const passing = likely.filter((b) => test(boxes[b * 4], boxes[b * 4 + 1], boxes[b * 4 + 2], boxes[b * 4 + 3]));
    return likely.length === 0 ? 1 : passing.length / likely.length;
  };
  const isCorners = share((a, b, c, d) => c > a && d > b) > 0.95;
  const isCentred = share((a, b, c, d) => a >= 0 && b >= 0 && c > 0 && d > 0) > 0.95;
  if (!isCorners && !isCentred) {
    throw new ArgumentError(
      'Its boxes are offsets from default boxes that the file does not hold. Export the network with its decoding of boxes, or read the outputs as feature maps.',
    );
  }
  const inPixels = likely.some((b) => Math.max(...boxes.subarray(b * 4, b * 4 + 4)) > 2);
  const [width, height] = inPixels ? [input.width, input.height] : [1, 1];
  const corners = new Float32Array(boxes.length);
  for (let b = 0; b < count; b++) {
    const box = Array.from(boxes.subarray(b * 4, b * 4 + 4));
    if (isCorners) corners.set([box[0] / width, box[1] / height, box[2] / width, box[3] / height], b * 4);
    else putCentred(corners, b, box, { ...input, width, height });
  }
  return { corners, scores, classes: kept };
}

/**
 * Scores of each box's classes. Rows that add up to 1 are a softmax's, which has a class for the background: the first,
 * as in SSD, or the last, as in DETR; most boxes are of it. It is left out.
 */
function classScores(raw: Float32Array, count: number, classes: number): { scores: Float32Array; kept: number } {
  const isLogits = !raw.every(isProbability);
  const sums = Array.from({ length: count }, (_, b) =>
    raw.subarray(b * classes, (b + 1) * classes).reduce((sum, score) => sum + score, 0),
  );
  const isSoftmax = classes > 1 && (isLogits || sums.every((sum) => Math.abs(sum - 1) < 0.01));
  if (!isSoftmax) return { scores: asProbabilities(raw), kept: classes };
  const scores = isLogits ? softmaxRows(raw, classes) : raw;
  const mean = (c: number): number => sums.reduce((sum, _, b) => sum + scores[b * classes + c], 0) / count;
  const background = mean(classes - 1) > mean(0) ? classes - 1 : 0;
  const kept = scores.filter((_, i) => i % classes !== background);
  return { scores: kept, kept: classes - 1 };
}

export function softmaxRows(values: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += classes) {
    const row = values.subarray(at, at + classes);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = row.map((x) => Math.exp(x - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    result.set(
      powers.map((power) => power / sum),
      at,
    );
  }
  return result;
}

/**
 * Rows of centre, size, objectness and classes. Where a width is negative, rows are still as the convolution made them,
 * and are decoded cell by cell: centre = (offset + cell) · stride, size = exp(s) · stride. Ge et al. 2021 (YOLOX).
 */
function yoloCandidates({ classes, objectness, boxesLast }: YoloHead, output: Tensor, input: InputInfo): Candidates {
  const [, length, width] = output.shape;
  const boxes = Array.from({ length: boxesLast ? width : length }, (_, b) => b);
  const at = (b: number, k: number): number => Number(output.data[boxesLast ? k * width + b : b * width + k]);
  const isRaw = boxes.some((b) => at(b, 2) < 0 || at(b, 3) < 0);
  const isUnit = boxes.every((b) => at(b, 2) <= 1.5 && at(b, 3) <= 1.5);
  const cells = isRaw ? gridCells(boxes.length, input) : [];
  const frame = isUnit && !isRaw ? { ...input, width: 1, height: 1 } : input;
  const corners = new Float32Array(boxes.length * 4);
  for (const b of boxes) {
    const box = [at(b, 0), at(b, 1), at(b, 2), at(b, 3)];
    putCentred(corners, b, isRaw ? inCell(box, cells[b]) : box, frame);
  }
  const first = objectness ? 5 : 4;
  const sure = objectness ? asProbabilities(Float32Array.from(boxes, (b) => at(b, 4))) : undefined;
  const scores = asProbabilities(
    Float32Array.from({ length: boxes.length * classes }, (_, i) => at(Math.floor(i / classes), first + (i % classes))),
  );
  if (!sure) return { corners, scores, classes };
  return { corners, scores: scores.map((score, i) => score * sure[Math.floor(i / classes)]), classes };
}

interface Cell {
  readonly column: number;
  readonly row: number;
  readonly stride: number;
}

const inCell = ([x, y, w, h]: readonly number[], { column, row, stride }: Cell): number[] => [
  (x + column) * stride,
  (y + row) * stride,
  Math.exp(w) * stride,
  Math.exp(h) * stride,
];

/** The cells of all grids in the order of YOLOX: finest grid first, row by row. */
function gridCells(count: number, input: InputInfo): Cell[] {
  const cells = GRIDS.map((strides) => strides.flatMap((stride) => cellsOf(stride, input))).find(
    ({ length }) => length === count,
  );
  if (cells) return cells;
  throw new ArgumentError(
    'Its boxes are relative to anchors that the file does not hold. Export the network with its decoding of boxes, or read the outputs as feature maps.',
  );
}

function cellsOf(stride: number, { height, width }: InputInfo): Cell[] {
  const columns = Math.ceil(width / stride);
  const rows = Math.ceil(height / stride);
  return Array.from({ length: rows * columns }, (_, i) => ({
    column: i % columns,
    row: Math.floor(i / columns),
    stride,
  }));
}

/** Cells as YOLOX's; the score is the square root of objectness times the score of a face. Wu et al. 2023 (YuNet). */
function strideCandidates({ boxes, scores, stride }: Level, values: Values, input: InputInfo): Candidates {
  const data = numbers(values, boxes);
  const corners = new Float32Array(data.length);
  for (const [b, cell] of cellsOf(stride, input).entries()) {
    putCentred(corners, b, inCell(Array.from(data.subarray(b * 4, b * 4 + 4)), cell), input);
  }
  const factors = scores.map((name) => asProbabilities(numbers(values, name)));
  const product = factors[0].map((_, b) => factors.reduce((all, factor) => all * factor[b], 1) ** (1 / factors.length));
  return { corners, scores: product, classes: 1 };
}

/** Centre and size in pixels of the input, the centre from the middle of its cell. Bazarevsky et al. 2019 (BlazeFace). */
function cellCandidates({ boxes, scores, stride, perCell }: Level, values: Values, input: InputInfo): Candidates {
  const data = numbers(values, boxes);
  const cells = cellsOf(stride, input);
  const count = cells.length * perCell;
  const width = data.length / count;
  const corners = new Float32Array(count * 4);
  for (let b = 0; b < count; b++) {
    const { column, row } = cells[Math.floor(b / perCell)];
    const [x, y, w, h] = data.subarray(b * width, b * width + 4);
    putCentred(corners, b, [x + (column + 0.5) * stride, y + (row + 0.5) * stride, w, h], input);
  }
  return { corners, scores: asProbabilities(numbers(values, scores[0])), classes: 1 };
}

/** One score per box as scores of classes, all but its own 0. */
function oneClassEach(corners: Float32Array, best: Float32Array, indices: ArrayLike<number> | undefined): Candidates {
  const indexOf = (b: number): number => (indices ? Math.max(Math.round(Number(indices[b])), 0) : 0);
  const classes = 1 + best.reduce((most, _, b) => Math.max(most, indexOf(b)), 0);
  if (classes > MOST_CLASSES) throw new ArgumentError(`Its boxes would be of class ${classes - 1}, which is no class.`);
  const scores = new Float32Array(best.length * classes);
  for (const [b, score] of best.entries()) scores[b * classes + indexOf(b)] = score;
  return { corners, scores, classes };
}

function rowCandidates(rows: Float32Array, input: InputInfo): Candidates {
  const count = rows.length / 6;
  const column = (k: number): Float32Array => Float32Array.from({ length: count }, (_, b) => rows[b * 6 + k]);
  const corners = Float32Array.from({ length: count * 4 }, (_, i) => rows[Math.floor(i / 4) * 6 + (i % 4)]);
  return oneClassEach(toUnit(corners, input), column(4), column(5));
}

function listCandidates({ boxes, scores, classes }: ListsHead, values: Values, input: InputInfo): Candidates {
  const data = numbers(values, boxes);
  // TensorFlow's detectors name y first.
  const order = /detection_boxes/.test(boxes) ? [1, 0, 3, 2] : [0, 1, 2, 3];
  const corners = toUnit(
    data.map((_, i) => data[i - (i % 4) + order[i % 4]]),
    input,
  );
  return oneClassEach(corners, numbers(values, scores), classes === undefined ? undefined : values.get(classes)!.data);
}

/** Corners in pixels of the input as corners in 0..1. */
function toUnit(corners: Float32Array, { width, height }: InputInfo): Float32Array {
  if (corners.every((x) => x <= 2)) return corners;
  return corners.map((x, i) => x / (i % 2 === 0 ? width : height));
}
