/** Pixels whose true class is unknown. */
export const IGNORED = 255;

export interface SegmentationScores {
  /** Mean intersection over union of the classes that occur in the truth. */
  readonly miou: number;
  /** Intersection over union of everything that is not background (class 0), as one class. */
  readonly foregroundIou: number;
  readonly pixelAccuracy: number;
  /** The share of pixels answered as foreground, of any class, that is foreground. */
  readonly precision: number;
  /** The share of the foreground's pixels that is answered as foreground. */
  readonly recall: number;
  /** By class; undefined for one that the truth does not have. */
  readonly iou: readonly (number | undefined)[];
}

/** Counts pixels by true and answered class over any number of pictures. */
export class Confusion {
  readonly #counts: Float64Array;

  constructor(readonly classes: number) {
    this.#counts = new Float64Array(classes * classes);
  }

  /** @throws RangeError when the two masks differ in size or an answer is no class */
  add(truth: ArrayLike<number>, answer: ArrayLike<number>): void {
    if (truth.length !== answer.length) throw new RangeError(`masks of ${truth.length} and ${answer.length} pixels`);
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] === IGNORED) continue;
      if (truth[i] >= this.classes || answer[i] >= this.classes) {
        throw new RangeError(`class ${Math.max(truth[i], answer[i])} at pixel ${i} is not below ${this.classes}`);
      }
      this.#counts[truth[i] * this.classes + answer[i]]++;
    }
  }

  count(truth: number, answer: number): number {
    return this.#counts[truth * this.classes + answer];
  }

  result(): SegmentationScores {
    const all = Array.from({ length: this.classes }, (_, c) => c);
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const truths = all.map((t) => sum(all.map((a) => this.count(t, a))));
    const answers = all.map((a) => sum(all.map((t) => this.count(t, a))));
    const iou = all.map((c) => {
      const hits = this.count(c, c);
      return truths[c] > 0 ? hits / (truths[c] + answers[c] - hits) : undefined;
    });
    const present = iou.filter((value) => value !== undefined);
    const pixels = sum(truths);
    const background = this.count(0, 0);
    const foreground = pixels - truths[0] - (answers[0] - background);
    const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
    return {
      miou: share(sum(present), present.length),
      foregroundIou: share(foreground, pixels - background),
      precision: share(foreground, pixels - answers[0]),
      recall: share(foreground, pixels - truths[0]),
      pixelAccuracy: share(sum(all.map((c) => this.count(c, c))), pixels),
      iou,
    };
  }
}
