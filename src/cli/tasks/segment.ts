import { ModelFormatError } from '../../errors';
import type { RawPicture } from '../../picture';
import { ImageSegmenter } from '../../tasks/image-segmenter';
import type { Photo } from '../dataset';
import { drawMask } from '../draw';
import { answersTo, figureOf, indexByName, namesOf } from '../evaluation';
import { formatCount } from '../format';
import { mean } from '../metrics/calibration';
import { Mistakes } from '../metrics/confusions';
import { Confusion, IGNORED } from '../metrics/segmentation';
import { readGrey } from '../picture';
import { taskCommand } from './task-command';

export const segment = taskCommand({
  task: ImageSegmenter,
  builtIn: 'segmenter',
  summary: 'say which pixels of pictures belong to what',
  options: {
    mask: {
      type: 'string',
      value: 'FILE.png',
      summary: 'write the class index of every pixel as its grey value; a folder when there are several pictures',
    },
  },

  reporter: () => (result, _, labels) => {
    const { classes } = result;
    const background = { label: labels[0], index: 0, pixels: classes.filter((index) => index === 0).length };
    const areas = [background, ...result.areas()]
      .filter(({ pixels }) => pixels > 0)
      .map((area) => ({ ...area, share: area.pixels / classes.length }))
      .sort((a, b) => b.pixels - a.pixels);
    return {
      json: { areas },
      rows: areas.map(({ label, pixels, share }) => [
        `  ${(share * 100).toFixed(1)} %`,
        label,
        `${formatCount(pixels)} pixels`,
      ]),
      overlay: drawMask(classes),
      mask: classes,
    };
  },

  /** Those with a mask, and as many of nothing known. */
  samples(photos) {
    const masked = photos.filter(({ mask }) => mask !== undefined);
    const unknown = photos.filter(({ mask, background }) => mask === undefined && background);
    return [masked, masked.length > 0 ? unknown : []];
  },

  /** Intersection over union over the pictures with a mask, at their own size, and what is marked where nothing is known. */
  async evaluate(network, data, photos, onPicture) {
    const names = namesOf(network);
    const indexOf = indexByName(names, data.classes);
    const confusion = new Confusion(names.length);
    const marked: number[] = [];
    const timesMs: number[] = [];
    for await (const { photo, picture, result } of answersTo(network, photos, onPicture, timesMs)) {
      if (photo.mask === undefined) {
        marked.push(result.classes.filter((index) => index > 0).length / result.classes.length);
        continue;
      }
      const truth = await readTruth(photo, picture, (name) => indexOf(name, photo.file));
      confusion.add(truth, result.classes);
    }
    const { iou, precision, recall, ...figures } = confusion.result();
    const mistakes = new Mistakes();
    for (const [t, truth] of names.entries())
      for (const [a, answer] of names.entries()) mistakes.add(truth, answer, confusion.count(t, a));
    return {
      figures: { ...figures, n: photos.length - marked.length },
      details: {
        backgroundMarked: mean(marked),
        backgroundN: marked.length,
        precision,
        recall,
        msPerPicture: mean(timesMs),
      },
      mistakes: mistakes.list(),
      measure: 'iou',
      perClass: names.flatMap((name, c) => figureOf(name, iou[c])),
    };
  },
});

/** The class of every pixel, from a mask of object numbers. */
async function readTruth(photo: Photo, picture: RawPicture, indexOf: (name: string) => number): Promise<Uint8Array> {
  const mask = await readGrey(photo.mask!);
  if (mask.width !== picture.width || mask.height !== picture.height) {
    const size = `${mask.width} × ${mask.height}`;
    throw new ModelFormatError(`${photo.mask}: ${size}, but its picture is ${picture.width} × ${picture.height}`);
  }
  const table = new Uint16Array(256).fill(256);
  table[0] = 0;
  table[IGNORED] = IGNORED;
  for (const [k, object] of (photo.objects ?? []).entries()) table[k + 1] = indexOf(object.class);
  return Uint8Array.from(mask.data, (value) => {
    if (table[value] > 255) throw new ModelFormatError(`${photo.mask}: pixel value ${value} is none of its objects`);
    return table[value];
  });
}
