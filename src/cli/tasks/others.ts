import { ArgumentError } from '../../errors';
import type { VisionModel } from '../../models';
import type { RawPicture } from '../../picture';
import type { Runner } from '../../runner';
import {
  BackgroundRemover,
  DepthEstimator,
  ImageEmbedder,
  ImageTransformer,
  InstanceSegmenter,
  OrientedDetector,
  PoseEstimator,
} from '../../tasks';
import { aboveThreshold } from '../../tasks/object-detector';
import { drawInstances, drawLabels, drawOriented, drawPoses } from '../draw';
import { formatCount, parseNumber } from '../format';
import { answerCommand } from './task-command';

const THRESHOLD = { type: 'string', value: 'SCORE', default: '0.5', summary: 'leave out what scores less' } as const;

const corners = ({ xmin, ymin, xmax, ymax }: { xmin: number; ymin: number; xmax: number; ymax: number }): string =>
  [xmin, ymin, xmax, ymax].map((v) => v.toFixed(1)).join(' ');

const pose = answerCommand({
  task: PoseEstimator,
  summary: 'find the points of bodies or faces in pictures',
  options: { threshold: THRESHOLD },
  reporter(options) {
    const threshold = parseNumber('threshold', options.threshold, { least: 0, most: 1 });
    return (all, picture) => {
      const poses = aboveThreshold(all, { threshold }) as typeof all;
      return {
        json: { poses },
        rows: poses.map(({ score, label, box, keypoints }) => [
          `  ${score.toFixed(3)}`,
          label,
          corners(box),
          `${keypoints.length} points`,
        ]),
        overlay: drawPoses(poses, picture),
      };
    };
  },
});

const orient = answerCommand({
  task: OrientedDetector,
  summary: 'find things in pictures, with boxes at any angle',
  options: { threshold: THRESHOLD },
  reporter(options) {
    const threshold = parseNumber('threshold', options.threshold, { least: 0, most: 1 });
    return (all, picture) => {
      const things = aboveThreshold(all, { threshold }) as typeof all;
      return {
        json: { detections: things },
        rows: things.map(({ score, label, corners: around }) => [
          `  ${score.toFixed(3)}`,
          label,
          around.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' '),
        ]),
        overlay: drawOriented(things, picture),
      };
    };
  },
});

const instances = answerCommand({
  task: InstanceSegmenter,
  summary: 'find things and the pixels of each in pictures',
  options: { threshold: THRESHOLD },
  reporter(options) {
    const threshold = parseNumber('threshold', options.threshold, { least: 0, most: 1 });
    return (candidates, picture) => {
      const found = (aboveThreshold(candidates, { threshold }) as typeof candidates).map(({ mask, ...detection }) => {
        const pixels = mask();
        return { detection, pixels, area: pixels.reduce((sum, pixel) => sum + pixel, 0) };
      });
      return {
        json: { instances: found.map(({ detection, area }) => ({ ...detection, area })) },
        rows: found.map(({ detection: { score, label, box }, area }) => [
          `  ${score.toFixed(3)}`,
          label,
          corners(box),
          `${formatCount(area)} pixels`,
        ]),
        overlay: drawInstances(found, picture),
      };
    };
  },
});

const depth = answerCommand({
  task: DepthEstimator,
  summary: 'say how far away every pixel of pictures is, in the measure of the network',
  options: {},
  reporter:
    () =>
    (map, { width, height }) => {
      const [least, greatest] = map.range;
      const data = new Uint8Array(width * height * 4);
      for (const [i, value] of map.toGrey().entries()) data.set([value, value, value, 255], i * 4);
      return {
        json: { least, greatest },
        rows: [[`  ${least.toPrecision(5)} to ${greatest.toPrecision(5)}`]],
        overlay: { data, width, height },
      };
    },
});

const cutOut = answerCommand({
  task: {
    task: { name: BackgroundRemover.task.name },
    async load(runner: Runner, model: VisionModel) {
      const remover = await BackgroundRemover.load(runner, model);
      return { labels: remover.labels, answer: (picture: RawPicture) => remover.remove(picture) };
    },
  },
  summary: 'cut the thing in front out of pictures: --out writes it with a transparent background',
  options: {},
  reporter: () => (cutOut) => {
    const pixels = cutOut.width * cutOut.height;
    let kept = 0;
    for (let i = 3; i < cutOut.data.length; i += 4) kept += cutOut.data[i] / 255;
    const share = kept / pixels;
    return { json: { share }, rows: [[`  ${(share * 100).toFixed(1)} % stay`]], overlay: cutOut };
  },
});

const transform = answerCommand({
  task: {
    task: { name: ImageTransformer.task.name },
    async load(runner: Runner, model: VisionModel) {
      const transformer = await ImageTransformer.load(runner, model);
      return { labels: transformer.labels, answer: (picture: RawPicture) => transformer.transform(picture) };
    },
  },
  summary: 'make other pictures of pictures, larger or sharper ones for instance: --out writes them',
  options: {},
  reporter: () => (result) => {
    const { width, height } = result;
    return { json: { result: { width, height } }, rows: [[`  ${width} × ${height}`]], overlay: result };
  },
});

const embed = answerCommand({
  task: ImageEmbedder,
  summary: 'describe pictures by vectors of length 1, by whose products they can be compared',
  options: {},
  reporter: () => (vector, picture) => {
    if (vector.length === 0) throw new ArgumentError('the network gives a vector without numbers');
    return {
      json: { embedding: Array.from(vector) },
      rows: [[`  ${vector.length} numbers, from ${vector[0].toFixed(4)}`]],
      overlay: drawLabels([], picture),
    };
  },
});

/** The commands of tasks that no network of Fovea's own has. */
export const OTHER_COMMANDS = [pose, orient, instances, depth, cutOut, transform, embed] as const;
