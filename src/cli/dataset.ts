import { join } from 'node:path';
import { ModelFormatError } from '../errors';
import type { Box } from '../tasks/object-detector';
import { readBytes } from './files';

/** One picture of a data set, with what is known about it. */
export interface Photo {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly split: string;
  /** Undefined for a picture that shows none of the labels. */
  readonly label?: string;
  /** Shows nothing known on purpose. */
  readonly background: boolean;
  /** Undefined for a picture in which nobody looked for objects; empty where there are none. */
  readonly objects?: readonly { readonly class: string; readonly box: Box }[];
  /** A picture whose pixels are 0 for background, k for the k-th of `objects` (from 1), 255 for unknown. */
  readonly mask?: string;
}

export interface Dataset {
  readonly labels: readonly string[];
  readonly classes: readonly string[];
  readonly photos: readonly Photo[];
}

/**
 * Reads `annotations.json` of a folder; files are given with the folder's path before them.
 *
 * @throws ArgumentError when there is no such file, ModelFormatError naming the picture and entry that is wrong
 */
export function readDataset(folder: string): Dataset {
  const path = join(folder, 'annotations.json');
  const text = new TextDecoder().decode(readBytes(path));
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelFormatError(`${path}: not JSON: ${reason}`, { cause });
  }
  const root = record(document, path);
  const labels = strings(root.classifier_labels, `${path}: classifier_labels`);
  const classes = strings(root.scene_classes, `${path}: scene_classes`);
  if (!Array.isArray(root.images)) throw new ModelFormatError(`${path}: images must be a list`);
  return {
    labels,
    classes,
    photos: root.images.map((image, i) => readPhoto(record(image, `${path}: images[${i}]`), folder, path)),
  };
}

function readPhoto(image: Record<string, unknown>, folder: string, path: string): Photo {
  if (typeof image.file !== 'string') throw new ModelFormatError(`${path}: a picture's file must be a name`);
  const where = `${path}: ${image.file}`;
  const { width, height, split, label = null, objects, mask } = image;
  if (!isSize(width) || !isSize(height)) {
    throw new ModelFormatError(`${where}: width and height must be positive integers, got ${width} and ${height}`);
  }
  if (typeof split !== 'string') throw new ModelFormatError(`${where}: split must be a name, got ${split}`);
  if (label !== null && typeof label !== 'string') throw new ModelFormatError(`${where}: label must be a name or null`);
  if (mask !== undefined && typeof mask !== 'string') throw new ModelFormatError(`${where}: mask must be a file name`);
  if (objects !== undefined && !Array.isArray(objects)) throw new ModelFormatError(`${where}: objects must be a list`);
  return {
    file: join(folder, image.file),
    width,
    height,
    split,
    background: image.background === true,
    ...(label !== null && { label }),
    ...(objects && { objects: objects.map((object, i) => readObject(object, `${where}: objects[${i}]`)) }),
    ...(mask !== undefined && { mask: join(folder, mask) }),
  };
}

function readObject(value: unknown, where: string) {
  const { class: name, box } = record(value, where);
  if (typeof name !== 'string') throw new ModelFormatError(`${where}: class must be a name`);
  if (!Array.isArray(box) || box.length !== 4 || !box.every((v) => Number.isFinite(v))) {
    throw new ModelFormatError(`${where}: box must be [xmin, ymin, xmax, ymax], got ${JSON.stringify(box)}`);
  }
  const [xmin, ymin, xmax, ymax]: number[] = box;
  return { class: name, box: { xmin, ymin, xmax, ymax } };
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ModelFormatError(`${where} must be an object`);
}

function strings(value: unknown, where: string): string[] {
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value;
  throw new ModelFormatError(`${where} must be a list of names`);
}
