import { type Head, isFloat, isRank, type NetworkFacts } from './head';
import type { NetworkTail } from './network-tail';
import { LEAST_SCORE, sortedRows, toUnit } from './suppression';
import { USUAL } from './usual';
import { type BoxOutput, boxFirst, boxOutputs, probabilities } from './yolo';

/** As many boxes as are compared with each other: every one with every better one. */
const MOST_COMPARED = 1000;
/** Ultralytics' constant that keeps quotients and logarithms finite. */
const EPSILON = 1e-7;

/**
 * YOLOv8's and 11's oriented boxes (Ultralytics): `[1, 4 + C + 1, B]` of centre, size, a probability of each class and an
 * angle, clockwise from x to the box's width in radians. `detections` have the upright boxes around them, `keypoints` their
 * corners.
 */
function oriented(name: string, task: string): Head {
  return {
    name,
    task,
    reads: '[1, 4 + C + 1, B] with an angle behind the scores (YOLOv8 and 11 OBB)',
    recognise(network) {
      const output = orientedOutput(network, name);
      if (!output) return undefined;
      const classes = output.width - 5;
      return { classes, usual: USUAL.ultralytics, append: (net) => decode(net, output, network, classes) };
    },
  };
}

/** For its own task. */
export const yoloOriented = oriented('yolov8-obb', 'orient');
/** As upright boxes. */
export const yoloUpright = oriented('yolov8-obb-upright', 'detect');

function orientedOutput(network: NetworkFacts, name: string): BoxOutput | undefined {
  const { labels, metadata, options } = network;
  const isSaid = options.name === name || metadata.get('task') === 'obb';
  return boxOutputs(network).find(
    (output) =>
      isRank(output, 3) &&
      isFloat(output) &&
      output.width > 5 &&
      (isSaid || name === 'yolov8-obb') &&
      (labels === undefined || labels.length === output.width - 5),
  );
}

function decode(net: NetworkTail, output: BoxOutput, network: NetworkFacts, classes: number): string[] {
  const k = Math.min(output.count, MOST_COMPARED);
  const scored = probabilities(net, output, network, 4, classes);
  const axis = scored.scoreLayout === 'class-first' ? 1 : 2;
  const [own, ownClass] = net.add('top-k', [scored.scores], { k: 1, axis, largest: true });
  const best = scored.activation ? net.unary(scored.activation, own) : own;
  const [scores, order] = net.add('top-k', [net.reshape(best, [output.count])], { k, axis: 0, largest: true });
  const chosen = (rows: string, width: number): string =>
    net.gather(net.reshape(rows, [output.count, width]), order, 0);
  const boxes = chosen(boxFirst(net, output, 0, 4), 4);
  const angles = chosen(boxFirst(net, output, 4 + classes, output.width), 1);
  const labels = net.cast(chosen(ownClass, 1), 'float32');
  const kept = survivors(net, { boxes, angles, labels, count: k }, network.options.iouThreshold ?? 0.7);
  const isEnough = net.binary('greater', scores, network.options.scoreThreshold ?? LEAST_SCORE);
  const left = net.where(net.binary('and', kept, isEnough), scores, net.numbers('zero', [1], [0]));
  const points = net.reshape(toUnit(net, cornersOf(net, boxes, angles, k), network), [k, 4, 2]);
  const upright = net.reshape(net.concat([net.reduce('min', points, 1), net.reduce('max', points, 1)], 2), [k, 4]);
  const { outputs, order: sorted } = sortedRows(net, {
    corners: upright,
    scores: left,
    classes: net.reshape(labels, [k]),
    options: network.options,
  });
  const ones = net.numbers('one', [k, 4, 1], new Array<number>(4 * k).fill(1));
  const rows = net.reshape(net.concat([points, ones], 2), [k, 12]);
  return [...outputs, net.gather(rows, sorted, 0, 'keypoints')];
}

/** The corners `[2K, 4]`, two in a row, of boxes `[K, 4]` of centre and size, turned by angles `[K, 1]`. */
function cornersOf(net: NetworkTail, boxes: string, angles: string, count: number): string {
  const [cos, sin] = [net.unary('cos', angles), net.unary('sin', angles)];
  const half = (axis: number): string => net.binary('mul', net.slice(boxes, 1, axis, axis + 1), 0.5);
  const [halfWidth, halfHeight] = [half(2), half(3)];
  const centre = net.slice(boxes, 1, 0, 2);
  const along = net.concat([net.binary('mul', halfWidth, cos), net.binary('mul', halfWidth, sin)], 1);
  const across = net.concat(
    [net.binary('mul', net.unary('neg', halfHeight), sin), net.binary('mul', halfHeight, cos)],
    1,
  );
  const [front, back] = [net.binary('add', centre, along), net.binary('sub', centre, along)];
  const corners = [
    net.binary('add', front, across),
    net.binary('sub', front, across),
    net.binary('sub', back, across),
    net.binary('add', back, across),
  ];
  return net.reshape(net.concat(corners, 1), [2 * count, 4]);
}

/**
 * Which boxes `[K]`, the best first, stay: those that no better one of their class overlaps by the threshold, whether that
 * one stays or not, as Ultralytics' suppression does. Overlap is ProbIoU (Llerena et al. 2021, "Gaussian bounding boxes
 * and probabilistic intersection-over-union", section 3.3), that of two normal distributions with the boxes' moments.
 */
function survivors(
  net: NetworkTail,
  { boxes, angles, labels, count }: { boxes: string; angles: string; labels: string; count: number },
  threshold: number,
): string {
  const moments = covariances(net, boxes, angles);
  const side = (x: string, isRow: boolean): string => net.reshape(x, isRow ? [1, count] : [count, 1]);
  const pair = (fn: 'add' | 'sub', x: string): string => net.binary(fn, side(x, false), side(x, true));
  const square = (x: string): string => net.binary('mul', x, x);
  const { a, b, c } = moments;
  const [sumA, sumB, sumC] = [pair('add', a), pair('add', b), pair('add', c)];
  const dx = pair('sub', net.slice(boxes, 1, 0, 1));
  const dy = pair('sub', net.slice(boxes, 1, 1, 2));
  const determinant = net.binary('sub', net.binary('mul', sumA, sumB), square(sumC));
  const divisor = net.binary('add', determinant, EPSILON);
  const straight = net.binary('add', net.binary('mul', sumA, square(dy)), net.binary('mul', sumB, square(dx)));
  const skew = net.binary('mul', net.binary('mul', sumC, dx), dy);
  const apart = net.binary(
    'sub',
    net.binary('mul', net.binary('div', straight, divisor), 0.25),
    net.binary('mul', net.binary('div', skew, divisor), 0.5),
  );
  const area = net.unary('relu', net.binary('sub', net.binary('mul', a, b), square(c)));
  const areas = net.unary('sqrt', net.binary('mul', side(area, false), side(area, true)));
  const ratio = net.binary('div', determinant, net.binary('add', net.binary('mul', areas, 4), EPSILON));
  const shapes = net.binary('mul', net.unary('log', net.binary('add', ratio, EPSILON)), 0.5);
  const distance = net.binary('min', net.binary('max', net.binary('add', apart, shapes), EPSILON), 100);
  const likeness = net.unary('exp', net.unary('neg', distance));
  const one = net.numbers('one', [1], [1 + EPSILON]);
  // 1 - √(1 - likeness) ≥ threshold
  const hellinger = net.unary('sqrt', net.binary('sub', one, likeness));
  const overlaps = net.binary('less-or-equal', hellinger, 1 - threshold);
  const isSameClass = net.binary('equal', side(labels, false), side(labels, true));
  const rank = net.numbers(
    'rank',
    [count, 1],
    Float32Array.from({ length: count }, (_, i) => i),
  );
  const isBetter = net.binary('less', side(rank, false), side(rank, true));
  const removes = net.binary('and', net.binary('and', overlaps, isSameClass), isBetter);
  const removers = net.reshape(net.reduce('max', net.cast(removes, 'float32'), 0), [count]);
  return net.binary('equal', removers, 0);
}

/** The second moments of uniform boxes, turned: variances along x and y, and their covariance. */
function covariances(net: NetworkTail, boxes: string, angles: string): { a: string; b: string; c: string } {
  const variance = (axis: number): string => {
    const length = net.slice(boxes, 1, axis, axis + 1);
    return net.binary('div', net.binary('mul', length, length), 12);
  };
  const [w, h, cos, sin] = [variance(2), variance(3), net.unary('cos', angles), net.unary('sin', angles)];
  const [cos2, sin2] = [net.binary('mul', cos, cos), net.binary('mul', sin, sin)];
  const mixed = (x: string, y: string): string => net.binary('add', net.binary('mul', w, x), net.binary('mul', h, y));
  return {
    a: mixed(cos2, sin2),
    b: mixed(sin2, cos2),
    c: net.binary('mul', net.binary('mul', net.binary('sub', w, h), cos), sin),
  };
}
