import { ImageClassifier, topLabels } from '../../tasks/image-classifier';
import { drawLabels } from '../draw';
import { answersTo, indexByName, NOTHING, namesOf, THRESHOLD } from '../evaluation';
import { parseNumber } from '../format';
import { calibrationError, type Judged, mean, precisionAndRecall } from '../metrics/calibration';
import { TopLabels } from '../metrics/classification';
import { Mistakes } from '../metrics/confusions';
import { taskCommand } from './task-command';

export const classify = taskCommand({
  task: ImageClassifier,
  builtIn: 'classifier',
  summary: 'say what pictures show',
  options: { top: { type: 'string', value: 'N', default: '5', summary: 'how many labels' } },

  reporter({ top }) {
    const topK = parseNumber('top', top, { integer: true, least: 1 });
    return (scores, picture, names) => {
      const labels = topLabels(scores, names, { topK });
      return {
        json: { labels },
        rows: labels.map(({ label, score }) => [`  ${score.toFixed(3)}`, label]),
        overlay: drawLabels(labels, picture),
      };
    };
  },

  /** Those with a label, and as many of nothing known. */
  samples(photos) {
    const labelled = photos.filter(({ label }) => label !== undefined);
    const unknown = labelled.length > 0 ? photos.filter(({ background }) => background) : [];
    return [labelled, unknown];
  },

  /** Top-1 and top-5 over the pictures with a label, and how sure the network is of pictures of nothing known. */
  async evaluate(network, data, photos, onPicture) {
    const { threshold = THRESHOLD } = network;
    const names = namesOf(network);
    const indexOf = indexByName(names, data.labels);
    const all = new TopLabels();
    const perClass = new Map(data.labels.map((name) => [name, new TopLabels()]));
    const known: Judged[] = [];
    const unknown: Judged[] = [];
    const mistakes = new Mistakes();
    const timesMs: number[] = [];
    for await (const { photo, result: scores } of answersTo(network, photos, onPicture, timesMs)) {
      const score = scores.reduce((a, b) => Math.max(a, b), 0);
      const best = scores.indexOf(score);
      if (photo.label === undefined) {
        unknown.push({ score, right: false });
        if (score >= threshold) mistakes.add(NOTHING, names[best]);
        continue;
      }
      const truth = indexOf(photo.label, photo.file);
      known.push({ score, right: best === truth });
      mistakes.add(photo.label, names[best]);
      all.add(scores, truth);
      perClass.get(photo.label)?.add(scores, truth);
    }
    return {
      figures: all.result(),
      details: {
        meanTopScore: mean(known.map(({ score }) => score)),
        backgroundMeanTopScore: mean(unknown.map(({ score }) => score)),
        backgroundN: unknown.length,
        threshold,
        ...precisionAndRecall([...known, ...unknown], known.length, threshold),
        calibrationError: calibrationError(known),
        msPerPicture: mean(timesMs),
      },
      mistakes: mistakes.list(),
      measure: 'top1',
      perClass: [...perClass].flatMap(([name, counter]) => {
        const { top1, n } = counter.result();
        return n > 0 ? [{ name, value: top1 }] : [];
      }),
    };
  },
});
