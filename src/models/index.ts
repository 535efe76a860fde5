import { ModelFormatError } from '../errors';
import type { SafetensorsFile } from '../formats/safetensors';
import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import type { PictureSpec } from '../picture';
import { classifierGraph } from './classifier';
import type { DefaultBoxSettings } from './default-boxes';
import { detectorGraph, type SuppressionSettings } from './detector';
import { segmenterGraph } from './segmenter';
import type { VisionModel } from './vision-model';

export type { VisionModel } from './vision-model';

/** Reads one entry of the metadata. @throws ModelFormatError naming the file and the entry */
type ReadEntry = <T>(key: string, isRight: (value: unknown) => value is T, expected: string) => T;

/** The network for each task, from its weights and the rest of their metadata. */
const NETWORKS: Readonly<
  Record<string, (weights: SafetensorsFile['tensors'], size: Pair, name: string, entry: ReadEntry) => Graph>
> = {
  classify: classifierGraph,
  detect: (weights, size, name, entry) =>
    detectorGraph(
      weights,
      size,
      entry('defaultBoxes', isBoxSettings, 'featureMaps, scales, aspectRatios and variances'),
      entry('nms', isSuppression, 'iouThreshold, scoreThreshold and maxPerClass'),
      name,
    ),
  segment: segmenterGraph,
};

/**
 * A network from a file of Fovea's own kind: the tensors are the weights, the metadata says what they are for.
 *
 * @param name what errors call the file
 * @throws ModelFormatError naming the file and the entry
 */
export function buildVisionModel({ tensors, metadata }: SafetensorsFile, name: string): VisionModel {
  const entry: ReadEntry = (key, isRight, expected) => {
    const text = metadata[key];
    if (text === undefined) throw new ModelFormatError(`${name}: metadata "${key}" is missing, ${expected} expected`);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new ModelFormatError(`${name}: metadata "${key}" is not JSON: ${text.slice(0, 60)}`, { cause });
    }
    if (!isRight(value))
      throw new ModelFormatError(`${name}: metadata "${key}" must be ${expected}, got ${text.slice(0, 60)}`);
    return value;
  };
  const optional = <T>(key: string, isRight: (value: unknown) => value is T, expected: string): T | undefined =>
    metadata[key] === undefined ? undefined : entry(key, isRight, expected);
  const known = {
    labels: entry('labels', isStrings, 'a list of names'),
    dataNames: optional('dataNames', isStrings, 'a list of names'),
    threshold: optional('threshold', isShare, 'a number of 0 to 1'),
  };
  const size = entry('inputSize', isPair, '[height, width]');
  const spec: PictureSpec = {
    size,
    ...entry('resize', isFit, '{ "fit": "squash" | "crop" | "letterbox" }'),
    mean: entry('mean', isTriple, 'three numbers'),
    std: entry('std', isDivisors, 'three numbers that are not 0'),
  };
  const { 'fovea.task': task } = metadata;
  if (task === undefined || !Object.hasOwn(NETWORKS, task)) {
    const known = Object.keys(NETWORKS).join(', ');
    throw new ModelFormatError(`${name}: metadata "fovea.task" must be one of ${known}, got ${task}`);
  }
  return { task, graph: NETWORKS[task](tensors, size, name, entry), ...known, spec };
}

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
const isNumbers = (value: unknown, length: number): boolean =>
  Array.isArray(value) && value.length === length && value.every((v) => typeof v === 'number' && Number.isFinite(v));
const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === 'string');
const isPair = (value: unknown): value is Pair =>
  isNumbers(value, 2) && (value as number[]).every((v) => Number.isInteger(v) && v > 0 && v <= 4096);
const isTriple = (value: unknown): value is [number, number, number] => isNumbers(value, 3);
const isDivisors = (value: unknown): value is [number, number, number] => isTriple(value) && !value.includes(0);
const isFit = (value: unknown): value is Pick<PictureSpec, 'fit' | 'keep' | 'bars'> =>
  typeof value === 'object' &&
  value !== null &&
  'fit' in value &&
  ['squash', 'crop', 'letterbox'].includes(String(value.fit));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isBoxSettings = (value: unknown): value is DefaultBoxSettings =>
  isObject(value) &&
  Array.isArray(value.featureMaps) &&
  isNumbers(value.featureMaps, value.featureMaps.length) &&
  isNumbers(value.scales, value.featureMaps.length + 1) &&
  Array.isArray(value.aspectRatios) &&
  value.aspectRatios.length === value.featureMaps.length &&
  value.aspectRatios.every((ratios) => Array.isArray(ratios) && isNumbers(ratios, ratios.length)) &&
  isNumbers(value.variances, 2);
const isSuppression = (value: unknown): value is SuppressionSettings =>
  isObject(value) &&
  [value.iouThreshold, value.scoreThreshold, value.maxPerClass].every((v) => typeof v === 'number' && v >= 0);
