import { checkOptions } from '../arguments';
import { ArgumentError } from '../errors';
import { type Answers, answerEach, type Picture, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

export interface Classification {
  readonly label: string;
  /** 0..1 */
  readonly score: number;
  readonly index: number;
}

export interface ClassifyOptions {
  /** At most this many labels, best first. Default 5. */
  readonly topK?: number;
  /** Only labels with at least this score: with 0.5 and a multi-label network, those that apply. Default 0. */
  readonly threshold?: number;
}

/**
 * Says what a picture shows.
 *
 * ```ts
 * const classifier = await ImageClassifier.load(engine, 'classifier.safetensors');
 * const [best] = await classifier.classify(picture);
 * console.log(best.label, best.score);
 * ```
 */
export class ImageClassifier extends VisionTask<Float32Array> {
  static readonly task: Task<Float32Array> = {
    name: 'classify',
    outputs: {
      probabilities: { shape: '[1, classes]', fits: ({ 0: batch, length }) => length === 2 && batch === 1 },
    },
    result: ({ outputs }) => outputs.get('probabilities')!.data as Float32Array,
  };

  /** The likeliest labels of a picture, or of each of several, best first. @throws ArgumentError, DeviceLostError, DisposedError */
  async classify<P extends Pictures>(picture: P, options: ClassifyOptions = {}): Promise<Answers<P, Classification[]>> {
    checkOptions(options, { topK: true, threshold: true });
    return answerEach(picture, async (one) => topLabels(await this.scores(one), this.labels, options));
  }

  /** The score of every label, by index: to be ranked anew with {@link topLabels} without running the network again. */
  scores(picture: Picture): Promise<Float32Array> {
    return this.answer(picture);
  }
}

/**
 * The best labels of a list of scores, best first; equal scores by index.
 *
 * @throws ArgumentError for a negative `topK` and for NaN
 */
export function topLabels(
  scores: Float32Array,
  labels: readonly string[],
  { topK = 5, threshold = 0 }: ClassifyOptions = {},
): Classification[] {
  if (!(topK >= 0)) throw new ArgumentError(`topK must be 0 or more, got ${topK}`);
  if (Number.isNaN(threshold) || scores.some(Number.isNaN)) {
    throw new ArgumentError('scores and the threshold must be numbers, got NaN: are the weights sound?');
  }
  return Array.from(scores, (score, index) => ({ label: labels[index] ?? `class ${index}`, score, index }))
    .filter(({ score }) => score >= threshold)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, topK);
}
