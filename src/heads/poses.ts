import type { Head, NetworkFacts, OutputInfo } from './head';
import { isFloat, isRank } from './head';
import { onePerson } from './heat-maps';
import { blazeface, yunet } from './levels';
import type { NetworkTail } from './network-tail';
import { retinaface } from './retinaface';
import { scoredPoints, sortedRows, suppress, toUnit } from './suppression';
import { USUAL } from './usual';
import { boxFirst, boxOutputs, centredBoxes, probabilities } from './yolo';

/** COCO's points of a person, each with a score. */
const COCO_POINTS = 17;

/** Points of each box, by the exporter's word: how many, and of how many numbers. */
function pointsOf({ metadata }: NetworkFacts): readonly [points: number, width: number] {
  const [, points, width] = /\[(\d+), *(\d+)\]/.exec(metadata.get('kpt_shape') ?? '') ?? [];
  return points === undefined ? [COCO_POINTS, 3] : [Number(points), Number(width)];
}

/** Points `[1, B, K · width]` in pixels as points in 0..1; their scores stay. */
function pointsToUnit(net: NetworkTail, points: string, width: number, { size: [height, wide] }: NetworkFacts): string {
  const length = net.shape(points)[2];
  const factors = Array.from({ length }, (_, k) => [1 / wide, 1 / height, 1][k % width]);
  return net.binary('mul', points, net.numbers('unit', [1, 1, length], factors));
}

/** YOLOv8's and 11's poses (Ultralytics): `[1, 4 + C + 3K, B]`, points behind the scores. */
export const yoloPose: Head = {
  name: 'yolov8-pose',
  task: 'pose',
  reads: '[1, 4 + C + 3K, B] (YOLOv8 and 11 pose)',
  recognise(network) {
    const [points, width] = pointsOf(network);
    for (const output of boxOutputs(network)) {
      const classes = output.width - 4 - points * width;
      if (classes !== (network.labels?.length ?? 1)) continue;
      return {
        classes,
        ...(classes === 1 && { names: ['person'] }),
        usual: USUAL.ultralytics,
        append: (net) =>
          suppress(net, {
            ...centredBoxes(net, output, network),
            ...probabilities(net, output, network, 4, classes),
            keypoints: {
              value: pointsToUnit(net, boxFirst(net, output, 4 + classes, output.width), width, network),
              width,
            },
            options: network.options,
            iouThreshold: 0.7,
          }),
      };
    }
    return undefined;
  },
};

/** YOLO26's poses, which need no suppression: rows `[1, R, 6 + 3K]`. */
export const poseRows: Head = {
  name: 'pose-rows',
  task: 'pose',
  reads: '[1, R, 6 + 3K] (YOLO26 pose)',
  recognise(network) {
    const [points, width] = pointsOf(network);
    const output = network.outputs.find((o) => isRank(o, 3) && isFloat(o) && o.shape[2] === 6 + points * width);
    if (!output) return undefined;
    const [, count, length] = output.shape;
    return {
      classes: network.labels?.length ?? 1,
      ...(!network.labels && { names: ['person'] }),
      usual: USUAL.ultralytics,
      append(net) {
        const whole = net.own(output.name);
        const flat = (from: number, to: number): string =>
          net.reshape(net.slice(whole, 2, from, to), to - from === 1 ? [count] : [count, to - from]);
        const { outputs, order } = sortedRows(net, {
          corners: toUnit(net, flat(0, 4), network),
          scores: flat(4, 5),
          classes: flat(5, 6),
          options: network.options,
        });
        const placed = pointsToUnit(net, net.slice(whole, 2, 6, length), width, network);
        const rows = net.gather(net.reshape(placed, [count, points * width]), order, 0);
        return [...outputs, scoredPoints(net, rows, width)];
      },
    };
  },
};

/** The points that detectors of faces give beside their boxes. */
const facePoints = (head: Head): Head => ({ ...head, name: `${head.name}-points`, task: 'pose' });

export const yunetPoints = facePoints(yunet);
export const blazefacePoints = facePoints(blazeface);
export const retinafacePoints = facePoints(retinaface);

/** RTMPose (Jiang et al. 2023, "SimCC"): for each point a score of every column `[1, K, W]` and of every row `[1, K, H]`. */
export const simcc: Head = {
  name: 'simcc',
  task: 'pose',
  reads: 'simcc_x [1, K, W] and simcc_y [1, K, H] (RTMPose)',
  recognise(network) {
    const [height, width] = network.size;
    const named = (pattern: RegExp, side: number): OutputInfo | undefined =>
      network.outputs.find((o) => isRank(o, 3) && isFloat(o) && pattern.test(o.name) && o.shape[2] % side === 0);
    const [x, y] = [named(/x$/i, width), named(/y$/i, height)];
    if (!x || !y || x.shape[1] !== y.shape[1]) return undefined;
    return {
      classes: 1,
      names: ['person'],
      usual: USUAL.person,
      append(net) {
        const peak = ({ name, shape: [, points, length] }: OutputInfo): [string, string] => {
          const flat = net.reshape(net.own(name), [points, length]);
          const [best, at] = net.add('top-k', [flat], { k: 1, axis: 1, largest: true });
          return [best, net.binary('div', net.cast(at, 'float32'), length)];
        };
        const [[bestX, atX], [bestY, atY]] = [peak(x), peak(y)];
        return onePerson(net, atX, atY, net.binary('min', bestX, bestY));
      },
    };
  },
};
