import { ArgumentError, ModelFormatError } from '../errors';
import type { RawPicture } from '../picture';
import type { Detection } from '../tasks/object-detector';
import type { Dataset, Photo } from './dataset';
import { calibrationError, type Judged, precisionAndRecall } from './metrics/calibration';
import { TopLabels } from './metrics/classification';
import { type Mistake, Mistakes } from './metrics/confusions';
import { detectionScores, intersectionOverUnion, judgeBoxes, type PictureBoxes } from './metrics/detection';
import { Confusion, IGNORED } from './metrics/segmentation';
import { readGrey, readPicture } from './picture';
import type { Vision } from './vision';

/** A figure for each class, and counts that say how much they weigh. */
export interface ClassFigure {
  readonly name: string;
  readonly value: number;
}

/** The figures of one task as JSON has them, with what a model card tells beside. */
export interface Evaluation {
  readonly figures: Readonly<Record<string, number>>;
  readonly details: Readonly<Record<string, number>>;
  /** What was taken for what, most frequent first. */
  readonly mistakes: readonly Mistake[];
  /** What `perClass` holds: the name of the figure. */
  readonly measure: string;
  readonly perClass: readonly ClassFigure[];
}

/** Called after each picture. */
export type OnPicture = (done: number, total: number) => void;

/** The score from which an answer counts, where a network's file names none. */
const THRESHOLD = 0.5;

/** Stands in a list of mistakes for nothing that the network knows. */
const NOTHING = 'nothing';

/** Top-1 and top-5 over the pictures with a label, and how sure the network is of pictures of nothing known. */
export async function evaluateClassifier(
  vision: Vision<'classify'>,
  data: Dataset,
  photos: readonly Photo[],
  onPicture: OnPicture,
): Promise<Evaluation> {
  const { answer, threshold = THRESHOLD } = vision;
  const names = namesOf(vision);
  const indexOf = indexByName(names, data.labels);
  const all = new TopLabels();
  const perClass = data.labels.map((name) => ({ name, counter: new TopLabels() }));
  const known: Judged[] = [];
  const unknown: Judged[] = [];
  const mistakes = new Mistakes();
  const watch = new Stopwatch();
  for await (const { photo, picture } of readAhead(photos, onPicture)) {
    const scores = await watch.time(() => answer(picture));
    const score = scores.reduce((a, b) => Math.max(a, b), 0);
    const best = scores.indexOf(score);
    if (photo.label === undefined) {
      unknown.push({ score, right: false });
      if (score >= threshold) mistakes.add(NOTHING, names[best]);
    } else {
      const truth = indexOf(photo.label, photo.file);
      known.push({ score, right: best === truth });
      mistakes.add(photo.label, names[best]);
      all.add(scores, truth);
      perClass.find(({ name }) => name === photo.label)?.counter.add(scores, truth);
    }
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
      msPerPicture: watch.mean,
    },
    mistakes: mistakes.list(),
    measure: 'top1',
    perClass: perClass
      .map(({ name, counter }) => ({ name, ...counter.result() }))
      .filter(({ n }) => n > 0)
      .map(({ name, top1 }) => ({ name, value: top1 })),
  };
}

/** A box is right when it overlaps a true one by this. */
const OVERLAP = 0.5;
/** Boxes below this score are too many and too seldom right to be told from one another. */
const LEAST_CALIBRATED = 0.05;

/** Mean average precision over the pictures in which somebody looked for objects, those without any included. */
export async function evaluateDetector(
  vision: Vision<'detect'>,
  data: Dataset,
  photos: readonly Photo[],
  onPicture: OnPicture,
): Promise<Evaluation> {
  const { answer, threshold = THRESHOLD } = vision;
  const names = namesOf(vision);
  indexByName(names, data.classes);
  const classes: PictureBoxes[][] = data.classes.map(() => []);
  const mistakes = new Mistakes();
  const watch = new Stopwatch();
  for await (const { photo, picture } of readAhead(photos, onPicture)) {
    const found: readonly Detection[] = await watch.time(() => answer(picture));
    const objects = photo.objects!;
    for (const [c, name] of data.classes.entries()) {
      classes[c].push({
        found: found.filter(({ index }) => names[index] === name),
        truth: objects.filter((object) => object.class === name).map(({ box }) => box),
      });
    }
    addBoxMistakes(mistakes, found.filter(({ score }) => score >= threshold).map(named(names)), objects);
  }
  const { map50, map, averagePrecision } = detectionScores(classes);
  const judged = classes.flatMap((pictures) => judgeBoxes(pictures, OVERLAP));
  const total = classes.flat().reduce((sum, { truth }) => sum + truth.length, 0);
  return {
    figures: { map50, map, n: photos.length },
    details: {
      threshold,
      ...precisionAndRecall(judged, total, threshold),
      calibrationError: calibrationError(judged.filter(({ score }) => score >= LEAST_CALIBRATED)),
      msPerPicture: watch.mean,
    },
    mistakes: mistakes.list(),
    measure: 'averagePrecision50',
    perClass: data.classes.flatMap((name, c) => figureOf(name, averagePrecision[c])),
  };
}

type NamedBox = NonNullable<Photo['objects']>[number];

const named =
  (names: readonly string[]) =>
  ({ index, box }: Detection): NamedBox => ({ class: names[index], box });

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

/** Intersection over union over the pictures with a mask, at their own size. */
export async function evaluateSegmenter(
  vision: Vision<'segment'>,
  data: Dataset,
  photos: readonly Photo[],
  onPicture: OnPicture,
): Promise<Evaluation> {
  const names = namesOf(vision);
  const indexOf = indexByName(names, data.classes);
  const confusion = new Confusion(names.length);
  const watch = new Stopwatch();
  for await (const { photo, picture } of readAhead(photos, onPicture)) {
    const truth = await readTruth(photo, picture, (name) => indexOf(name, photo.file));
    confusion.add(truth, await watch.time(() => vision.answer(picture)));
  }
  const { iou, precision, recall, ...figures } = confusion.result();
  const mistakes = new Mistakes();
  for (const [t, truth] of names.entries())
    for (const [a, answer] of names.entries()) mistakes.add(truth, answer, confusion.count(t, a));
  return {
    figures: { ...figures, n: photos.length },
    details: { precision, recall, msPerPicture: watch.mean },
    mistakes: mistakes.list(),
    measure: 'iou',
    perClass: names.flatMap((name, c) => figureOf(name, iou[c])),
  };
}

/** Adds up what a network takes for its answers. */
class Stopwatch {
  #total = 0;
  #count = 0;

  async time<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    this.#total += performance.now() - began;
    this.#count++;
    return result;
  }

  /** In milliseconds; 0 before anything was timed. */
  get mean(): number {
    return this.#total / Math.max(1, this.#count);
  }
}

/**
 * The pictures that a task is measured on, at most `limit` of them. The classifier also looks at as many pictures of
 * nothing known.
 */
export function photosFor(task: 'classify' | 'detect' | 'segment', photos: readonly Photo[], limit: number): Photo[] {
  switch (task) {
    case 'classify': {
      const labelled = spread(
        photos.filter(({ label }) => label !== undefined),
        limit,
      );
      return labelled.length === 0
        ? []
        : [
            ...labelled,
            ...spread(
              photos.filter(({ background }) => background),
              limit,
            ),
          ];
    }
    case 'detect':
      return spread(
        photos.filter(({ objects }) => objects !== undefined),
        limit,
      );
    case 'segment':
      return spread(
        photos.filter(({ mask }) => mask !== undefined),
        limit,
      );
  }
}

/** `limit` of the list, spread evenly over it, as data sets are sorted by class. */
function spread<T>(list: readonly T[], limit: number): T[] {
  if (limit >= list.length) return [...list];
  return Array.from({ length: limit }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / limit)]);
}

/** How many pictures are being decoded while the network looks at one. */
const AHEAD = 4;

/** The pictures in order; the next ones are decoded meanwhile. Each is reported when the next is asked for. */
async function* readAhead(photos: readonly Photo[], onPicture: OnPicture) {
  const pending: Promise<RawPicture>[] = [];
  for (const [i, photo] of photos.entries()) {
    for (let next = i + pending.length; next < Math.min(i + AHEAD, photos.length); next++) {
      const picture = readPhoto(photos[next]);
      // Whoever takes it sees the error; until then it must not count as unhandled.
      picture.catch(() => {});
      pending.push(picture);
    }
    yield { photo, picture: await pending.shift()! };
    onPicture(i + 1, photos.length);
  }
}

/** @throws ModelFormatError when the picture has another size than its annotations are made for */
async function readPhoto({ file, width, height }: Photo): Promise<RawPicture> {
  const picture = await readPicture(file);
  if (picture.width === width && picture.height === height) return picture;
  const actual = `${picture.width} × ${picture.height}`;
  throw new ModelFormatError(`${file}: ${actual}, but its annotations are for ${width} × ${height}`);
}

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

/** What the data set calls the network's classes. */
const namesOf = ({ labels, dataNames = labels }: Pick<Vision, 'labels' | 'dataNames'>): readonly string[] => dataNames;

/** @throws ArgumentError when the network lacks one of the data set's names */
function indexByName(labels: readonly string[], names: readonly string[]): (name: string, file: string) => number {
  const missing = names.find((name) => !labels.includes(name));
  if (missing !== undefined) throw new ArgumentError(`the network does not know "${missing}", which the data set has`);
  const indices = new Map(labels.map((label, i) => [label, i]));
  return (name, file) => {
    const index = indices.get(name);
    if (index === undefined) throw new ModelFormatError(`${file}: "${name}" is none of the data set's names`);
    return index;
  };
}

const figureOf = (name: string, value: number | undefined): ClassFigure[] =>
  value === undefined ? [] : [{ name, value }];

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
