import { ImageClassifier, topLabels } from '../../tasks/image-classifier';
import { drawLabels } from '../draw';
import { indexByName, mean, readAhead, spread } from '../evaluation';
import { parseNumber } from '../format';
import { TopLabels } from '../metrics/classification';
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
  photos(photos, limit) {
    const labelled = photos.filter(({ label }) => label !== undefined);
    const unknown = labelled.length > 0 ? photos.filter(({ background }) => background) : [];
    return [...spread(labelled, limit), ...spread(unknown, limit)];
  },

  /** Top-1 and top-5 over the pictures with a label, and how sure the network is of pictures of nothing known. */
  async evaluate(network, data, photos, onPicture) {
    const indexOf = indexByName(network.labels, data.labels);
    const all = new TopLabels();
    const perClass = new Map(data.labels.map((name) => [name, new TopLabels()]));
    const known: number[] = [];
    const unknown: number[] = [];
    for await (const { photo, picture } of readAhead(photos, onPicture)) {
      const scores = await network.answer(picture);
      const best = scores.reduce((a, b) => Math.max(a, b), 0);
      (photo.label === undefined ? unknown : known).push(best);
      if (photo.label === undefined) continue;
      const truth = indexOf(photo.label, photo.file);
      all.add(scores, truth);
      perClass.get(photo.label)?.add(scores, truth);
    }
    return {
      figures: all.result(),
      details: {
        meanTopScore: mean(known),
        backgroundMeanTopScore: mean(unknown),
        backgroundN: unknown.length,
      },
      measure: 'top1',
      perClass: [...perClass].flatMap(([name, counter]) => {
        const { top1, n } = counter.result();
        return n > 0 ? [{ name, value: top1 }] : [];
      }),
    };
  },
});
