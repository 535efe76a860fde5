import { ArgumentError, ModelFormatError } from '../errors';
import type { VisionModel } from '../models';
import type { RawPicture } from '../picture';
import type { VisionTask } from '../tasks/vision-task';
import type { Photo } from './dataset';
import type { Mistake } from './metrics/confusions';
import { readPicture } from './picture';

/** One figure of one class. */
export interface ClassFigure {
  readonly name: string;
  readonly value: number;
}

/** The figures of one task as JSON has them, with what a model card tells beside. */
export interface Evaluation {
  readonly figures: Readonly<Record<string, number>>;
  readonly details: Readonly<Record<string, number>>;
  /** Mistakes, most frequent first. */
  readonly mistakes: readonly Mistake[];
  /** The name of the figure in `perClass`. */
  readonly measure: string;
  readonly perClass: readonly ClassFigure[];
}

/** Called after each picture. */
export type OnPicture = (done: number, total: number) => void;

/** The score from which an answer counts, where a network's file names none. */
export const THRESHOLD = 0.5;

/** Stands in a list of mistakes for nothing that the network knows. */
export const NOTHING = 'nothing';

/** `limit` of the list, spread evenly over it, as data sets are sorted by class. */
export function spread<T>(list: readonly T[], limit: number): T[] {
  if (limit >= list.length) return [...list];
  return Array.from({ length: limit }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / limit)]);
}

/** How many pictures are being decoded while the network looks at one. */
const AHEAD = 4;

/**
 * A network's answers to pictures, in order; the next pictures are decoded meanwhile. Each is reported when the next is
 * asked for.
 *
 * @param timesMs takes how long each answer took
 */
export async function* answersTo<Result>(
  { answer }: Pick<VisionTask<Result>, 'answer'>,
  photos: readonly Photo[],
  onPicture: OnPicture,
  timesMs: number[],
) {
  const pending: Promise<RawPicture>[] = [];
  for (const [i, photo] of photos.entries()) {
    for (let next = i + pending.length; next < Math.min(i + AHEAD, photos.length); next++) {
      const picture = readPhoto(photos[next]);
      // The error is thrown where the picture is taken; until then it must not count as unhandled.
      picture.catch(() => {});
      pending.push(picture);
    }
    const picture = await pending.shift()!;
    const began = performance.now();
    const result = await answer(picture);
    timesMs.push(performance.now() - began);
    yield { photo, picture, result };
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

/** The data set's names of the network's classes. */
export const namesOf = ({ labels, dataNames = labels }: Pick<VisionModel, 'labels' | 'dataNames'>): readonly string[] =>
  dataNames;

/** @throws ArgumentError when the network lacks one of the data set's names */
export function indexByName(
  labels: readonly string[],
  names: readonly string[],
): (name: string, file: string) => number {
  const missing = names.find((name) => !labels.includes(name));
  if (missing !== undefined) throw new ArgumentError(`the network does not know "${missing}", which the data set has`);
  const indices = new Map(labels.map((label, i) => [label, i]));
  return (name, file) => {
    const index = indices.get(name);
    if (index === undefined) throw new ModelFormatError(`${file}: "${name}" is none of the data set's names`);
    return index;
  };
}

export const figureOf = (name: string, value: number | undefined): ClassFigure[] =>
  value === undefined ? [] : [{ name, value }];
