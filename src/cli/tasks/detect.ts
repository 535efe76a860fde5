import { aboveThreshold, ObjectDetector } from '../../tasks/object-detector';
import { drawDetections } from '../draw';
import { figureOf, indexByName, readAhead, spread } from '../evaluation';
import { parseNumber } from '../format';
import { detectionScores, type PictureBoxes } from '../metrics/detection';
import { taskCommand } from './task-command';

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

  photos: (photos, limit) =>
    spread(
      photos.filter(({ objects }) => objects !== undefined),
      limit,
    ),

  /** Mean average precision over the pictures in which somebody looked for objects, those without any included. */
  async evaluate(network, data, photos, onPicture) {
    indexByName(network.labels, data.classes);
    const classes: PictureBoxes[][] = data.classes.map(() => []);
    for await (const { photo, picture } of readAhead(photos, onPicture)) {
      const found = await network.answer(picture);
      for (const [c, name] of data.classes.entries()) {
        classes[c].push({
          found: found.filter(({ label }) => label === name),
          truth: photo.objects!.filter((object) => object.class === name).map(({ box }) => box),
        });
      }
    }
    const { map50, map, averagePrecision } = detectionScores(classes);
    return {
      figures: { map50, map, n: photos.length },
      details: {},
      measure: 'averagePrecision50',
      perClass: data.classes.flatMap((name, c) => figureOf(name, averagePrecision[c])),
    };
  },
});
