import { cells } from './grids';
import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import type { NetworkTail } from './network-tail';
import { activationOf } from './origin';
import { suppress } from './suppression';
import { USUAL } from './usual';

/** Sides of the two default boxes of a cell, in pixels, by stride. */
const SIDES: Readonly<Record<number, readonly number[]>> = { 8: [16, 32], 16: [64, 128], 32: [256, 512] };
const STRIDES = [8, 16, 32];
const [OF_CENTRE, OF_SIZE] = [0.1, 0.2];
const POINTS = 5;

interface Faces {
  readonly boxes: OutputInfo;
  readonly scores: OutputInfo;
  readonly points: OutputInfo;
}

/**
 * RetinaFace (Deng et al. 2019): for two default boxes in each cell of three grids offsets `[1, B, 4]`, scores of nothing
 * and of a face `[1, B, 2]`, and offsets of five points `[1, B, 10]`.
 */
export const retinaface: Head = {
  name: 'retinaface',
  task: 'detect',
  reads: 'offsets [1, B, 4], scores [1, B, 2] and points [1, B, 10] (RetinaFace)',
  recognise(network) {
    const faces = facesOf(network);
    if (!faces) return undefined;
    return { classes: 1, names: ['face'], usual: USUAL.retinaface, append: (net) => decode(net, faces, network) };
  },
};

function facesOf({ outputs, size }: NetworkFacts): Faces | undefined {
  const count = 2 * cells({ strides: STRIDES, perCell: 1 }, size, 0).strides.length;
  const of = (width: number): OutputInfo | undefined =>
    outputs.find((o) => isRank(o, 3) && isFloat(o) && o.shape[1] === count && o.shape[2] === width);
  const [boxes, scores, points] = [of(4), of(2), of(2 * POINTS)];
  return boxes && scores && points ? { boxes, scores, points } : undefined;
}

function decode(net: NetworkTail, { boxes, scores, points }: Faces, { graph, options, size }: NetworkFacts): string[] {
  const [height, width] = size;
  const { origins, strides } = cells({ strides: STRIDES, perCell: 2 }, size, 0.5);
  const count = strides.length;
  const unit = [1 / width, 1 / height];
  const side = (box: number, axis: number): number => SIDES[strides[box]][box % 2] * unit[axis];
  const pairs = (of: (box: number, axis: number) => number): number[] =>
    Array.from({ length: 2 * count }, (_, i) => of(i >> 1, i % 2));
  const centres = net.numbers(
    'centres',
    [1, count, 1, 2],
    pairs((box, axis) => origins[2 * box + axis] * unit[axis]),
  );
  const sides = net.numbers('sides', [1, count, 1, 2], pairs(side));
  /** Places in 0..1 of offsets `[1, B, n, 2]` from the middle of default boxes. */
  const placed = (offsets: string): string =>
    net.binary('add', net.binary('mul', net.binary('mul', offsets, OF_CENTRE), sides), centres);
  const own = net.reshape(net.own(boxes.name), [1, count, 2, 2]);
  const extent = net.binary('mul', net.unary('exp', net.binary('mul', net.slice(own, 2, 1, 2), OF_SIZE)), sides);
  const centred = net.concat([placed(net.slice(own, 2, 0, 1)), extent], 2);
  const landmarks = placed(net.reshape(net.own(points.name), [1, count, POINTS, 2]));
  const { activation = activationOf(graph, scores.name) ? 'none' : 'softmax' } = options;
  const raw = net.own(scores.name);
  const probabilities =
    activation === 'none' ? raw : activation === 'softmax' ? net.softmax(raw, 2) : net.unary('sigmoid', raw);
  return suppress(net, {
    boxes: net.reshape(centred, [1, count, 4]),
    boxFormat: 'center',
    scores: net.slice(probabilities, 2, 1, 2),
    scoreLayout: 'box-first',
    keypoints: { value: net.reshape(landmarks, [1, count, 2 * POINTS]), width: 2 },
    options,
    iouThreshold: 0.4,
  });
}
