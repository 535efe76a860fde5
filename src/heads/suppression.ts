import { sizeOf } from '../tensor';
import type { HeadOptions, NetworkFacts } from './head';
import type { NetworkTail } from './network-tail';

/** Boxes and scores of a detector before suppression, in a graph under construction. */
export interface Candidates {
  /** `[1, B, 4]` in 0..1 of the input. */
  readonly boxes: string;
  readonly boxFormat: 'corners' | 'center';
  /** Probabilities `[1, C, B]` (`class-first`) or `[1, B, C]`. */
  readonly scores: string;
  readonly scoreLayout: 'class-first' | 'box-first';
  /** 1 where class 0 is the background. Default 0. */
  readonly firstClass?: 0 | 1;
  /** Whether a box may be of several classes, as SSD's; otherwise its best one counts. */
  readonly multiLabel?: boolean;
  /** What makes probabilities of scores, for boxes of one class: it keeps their order. Default none. */
  readonly activation?: 'sigmoid';
  /** `[1, B, 1]` or `[1, 1, B]`: the probability that a box, of one class, holds anything at all. */
  readonly objectness?: string;
  /** Points of each box `[1, B, K · width]`: x and y in 0..1 of the input and, where `width` is 3, a score. */
  readonly keypoints?: { readonly value: string; readonly width: number };
  /** `[1, B, P]`: what mixes prototypes into a box's mask. */
  readonly coefficients?: string;
  readonly options: HeadOptions;
  /** Two boxes that overlap by more than this are one thing, unless the caller says otherwise. */
  readonly iouThreshold: number;
}

export const LEAST_SCORE = 0.05;
/** As many of each class as anybody draws. */
const MOST_PER_CLASS = 100;
/** The most rows that detectors give which were trained on COCO. */
const MOST_ROWS = 300;

/** Adds non-maximum suppression. @returns the outputs that the task reads */
export function suppress(net: NetworkTail, candidates: Candidates): string[] {
  const { boxes, boxFormat, scoreLayout, firstClass = 0, multiLabel = false, options } = candidates;
  const scored = multiLabel ? [candidates.scores] : bestClass(net, candidates);
  const [indices, detections, count] = net.add(
    'non-maximum-suppression',
    [boxes, ...scored],
    {
      boxFormat,
      scoreLayout,
      firstClass,
      iouThreshold: options.iouThreshold ?? candidates.iouThreshold,
      scoreThreshold: options.scoreThreshold ?? LEAST_SCORE,
      maxPerClass: multiLabel ? MOST_PER_CLASS : MOST_ROWS,
    },
    'suppression',
    ['suppression.kept', 'detections', 'suppression.count'],
  );
  const outputs = [detections];
  const { keypoints, coefficients } = candidates;
  if (keypoints) outputs.push(scoredPoints(net, ofBoxes(net, keypoints.value, indices), keypoints.width));
  if (coefficients !== undefined) outputs.push(ofBoxes(net, coefficients, indices, 'coefficients'));
  for (const output of outputs) net.limitRows(output, count);
  return outputs;
}

/** The rows `[1, B, …]` of the boxes that are kept. */
function ofBoxes(net: NetworkTail, rows: string, indices: string, output?: string): string {
  const [, boxCount, width] = net.shape(rows);
  const box = net.reshape(net.slice(indices, 1, 2), [net.shape(indices)[0]]);
  return net.gather(net.reshape(rows, [boxCount, width]), box, 0, output);
}

/** Points `[M, K · width]` as `keypoints` `[M, 3K]` of x, y and score, which is 1 where there is none. */
export function scoredPoints(net: NetworkTail, points: string, width: number): string {
  if (width === 3) return net.unary('identity', points, 'keypoints');
  const [count, length] = net.shape(points);
  const rows = net.reshape(points, [(count * length) / width, width]);
  const ones = net.numbers('one', [(count * length) / width, 1], new Array<number>((count * length) / width).fill(1));
  return net.reshape(net.concat([net.slice(rows, 1, 0, 2), ones], 1), [count, (length / width) * 3], 'keypoints');
}

/**
 * The score of each box's best class, and which that is where there are several, as in Ultralytics' predictions. What is
 * alike for all classes of a box is left to the best one: a hundred times less than for all.
 */
function bestClass(net: NetworkTail, { scores, scoreLayout, activation, objectness }: Candidates): string[] {
  const axis = scoreLayout === 'class-first' ? 1 : 2;
  let [best, index]: readonly (string | undefined)[] = [scores];
  if (net.shape(scores)[axis] > 1) [best, index] = net.add('top-k', [scores], { k: 1, axis, largest: true });
  if (activation) best = net.unary(activation, best);
  if (objectness !== undefined) best = net.binary('mul', best, objectness);
  return index === undefined ? [best] : [best, net.reshape(index, [1, sizeOf(net.shape(index))])];
}

/** Rows that a network has suppressed itself, or that need none, in a graph under construction. */
export interface Rows {
  /** `[R, 4]` corners in 0..1 of the input. */
  readonly corners: string;
  /** `[R]` probabilities. */
  readonly scores: string;
  /** `[R]` float32. */
  readonly classes: string;
  readonly options: HeadOptions;
}

/** Adds the order of rows, the best first, and how many reach the least score. @returns the outputs that the task reads */
export const sortRows = (net: NetworkTail, rows: Rows): string[] => sortedRows(net, rows).outputs;

/** The same, and the rows' former places `[R]`. */
export function sortedRows(net: NetworkTail, { corners, scores, classes, options }: Rows) {
  const k = Math.min(MOST_ROWS, net.shape(scores)[0]);
  const [best, order] = net.add('top-k', [scores], { k, axis: 0, largest: true });
  const columns = [
    net.gather(corners, order, 0),
    net.reshape(best, [k, 1]),
    net.reshape(net.gather(classes, order, 0), [k, 1]),
  ];
  const detections = net.concat(columns, 1, 'detections');
  const counts = net.cast(net.binary('greater', best, options.scoreThreshold ?? LEAST_SCORE), 'int32');
  net.limitRows(detections, net.reduce('sum', counts, 0));
  return { outputs: [detections], order };
}

/** `[…, 4]` of x and y in turns, in pixels of the input, as shares of it. */
export function toUnit(net: NetworkTail, boxes: string, { size: [height, width] }: Pick<NetworkFacts, 'size'>): string {
  const axes = net.shape(boxes).slice(0, -1).fill(1);
  return net.binary('mul', boxes, net.numbers('unit', [...axes, 4], [1 / width, 1 / height, 1 / width, 1 / height]));
}

/** `[R, 4]` of centre and size as corners. */
export function toCorners(net: NetworkTail, boxes: string): string {
  const [centre, half] = [net.slice(boxes, 1, 0, 2), net.binary('mul', net.slice(boxes, 1, 2, 4), 0.5)];
  return net.concat([net.binary('sub', centre, half), net.binary('add', centre, half)], 1);
}
