import { aboveThreshold, ObjectDetector } from '../../tasks/object-detector';
import type { Photo } from '../dataset';
import { drawDetections } from '../draw';
import { answersTo, figureOf, indexByName, NOTHING, namesOf, THRESHOLD } from '../evaluation';
import { parseNumber } from '../format';
import { calibrationError, mean, precisionAndRecall } from '../metrics/calibration';
import { Mistakes } from '../metrics/confusions';
import {
  countTruths,
  detectionScores,
  intersectionOverUnion,
  judgeBoxes,
  type PictureBoxes,
} from '../metrics/detection';
import { taskCommand } from './task-command';

/** A box is right when it overlaps a true one by this. */
const OVERLAP = 0.5;
/** Boxes below this score are too many and too seldom right to be told from one another. */
const LEAST_CALIBRATED = 0.05;

export const detect = taskCommand({
  task: ObjectDetector,
  builtIn: 'detector',
  summary: 'say what is where in pictures',
  options: { threshold: { type: 'string', value: 'SCORE', default: '0.5', summary: 'leave out what scores less' } },

  reporter(options) {
    const threshold = parseNumber('threshold', options.threshold, { least: 0, most: 1 });
    return (candidates, picture) => {
      const detections = aboveThreshold(candidates, { threshold });
      return {
        json: { detections },
        rows: detections.map(({ label, score, box }) => [
          `  ${score.toFixed(3)}`,
          label,
          [box.xmin, box.ymin, box.xmax, box.ymax].map((v) => v.toFixed(1)).join(' '),
        ]),
        overlay: drawDetections(detections, picture),
      };
    };
  },

  /** Those in which somebody looked for objects, and as many of nothing known. */
  samples(photos) {
    const annotated = photos.filter(({ objects }) => objects !== undefined);
    const unknown = photos.filter(({ objects, background }) => objects === undefined && background);
    return [annotated, annotated.length > 0 ? unknown : []];
  },

  /**
   * Mean average precision over the pictures in which somebody looked for objects, those without any included, and how
   * sure the network is of pictures of nothing known.
   */
  async evaluate(network, data, photos, onPicture) {
    const { threshold = THRESHOLD } = network;
    const names = namesOf(network);
    indexByName(names, data.classes);
    const classes: PictureBoxes[][] = data.classes.map(() => []);
    const unknown: number[] = [];
    const mistakes = new Mistakes();
    const timesMs: number[] = [];
    for await (const { photo, result: found } of answersTo(network, photos, onPicture, timesMs)) {
      const { objects } = photo;
      if (objects === undefined) {
        unknown.push(found.reduce((best, { score }) => Math.max(best, score), 0));
        continue;
      }
      for (const [c, name] of data.classes.entries()) {
        classes[c].push({
          found: found.filter(({ index }) => names[index] === name),
          truth: objects.filter((object) => object.class === name).map(({ box }) => box),
        });
      }
      const counted = found.filter(({ score }) => score >= threshold);
      addBoxMistakes(
        mistakes,
        counted.map(({ index, box }) => ({ class: names[index], box })),
        objects,
      );
    }
    const { map50, map, averagePrecision } = detectionScores(classes);
    const judged = classes.flatMap((pictures) => judgeBoxes(pictures, OVERLAP));
    return {
      figures: { map50, map, n: photos.length - unknown.length },
      details: {
        backgroundMeanTopScore: mean(unknown),
        backgroundN: unknown.length,
        threshold,
        ...precisionAndRecall(judged, countTruths(classes.flat()), threshold),
        calibrationError: calibrationError(judged.filter(({ score }) => score >= LEAST_CALIBRATED)),
        msPerPicture: mean(timesMs),
      },
      mistakes: mistakes.list(),
      measure: 'averagePrecision50',
      perClass: data.classes.flatMap((name, c) => figureOf(name, averagePrecision[c])),
    };
  },
});

type NamedBox = NonNullable<Photo['objects']>[number];

/** Boxes in the place of a thing of another class, boxes where there is nothing, and things that no box is at. */
function addBoxMistakes(mistakes: Mistakes, found: readonly NamedBox[], objects: readonly NamedBox[]): void {
  const mostLike = ({ box }: NamedBox, others: readonly NamedBox[]): NamedBox | undefined =>
    others
      .map((other) => ({ other, overlap: intersectionOverUnion(box, other.box) }))
      .filter(({ overlap }) => overlap >= OVERLAP)
      .sort((a, b) => b.overlap - a.overlap)[0]?.other;
  for (const box of found) mistakes.add(mostLike(box, objects)?.class ?? NOTHING, box.class);
  for (const object of objects) if (!mostLike(object, found)) mistakes.add(object.class, NOTHING);
}
