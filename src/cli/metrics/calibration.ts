/** An answer with its score, and whether it was right. */
export interface Judged {
  readonly score: number;
  readonly right: boolean;
}

const BINS = 15;

/**
 * Expected calibration error (Guo et al. 2017, "On calibration of modern neural networks", section 2): how far scores
 * are from the share of answers that are right. Answers are put into 15 bins of equal width by score.
 *
 * @returns 0 for no answers
 */
export function calibrationError(answers: readonly Judged[]): number {
  const bins = Array.from({ length: BINS }, () => ({ score: 0, right: 0 }));
  for (const { score, right } of answers) {
    const bin = bins[Math.min(Math.floor(score * BINS), BINS - 1)];
    bin.score += score;
    if (right) bin.right++;
  }
  const gap = bins.reduce((sum, { score, right }) => sum + Math.abs(score - right), 0);
  return answers.length === 0 ? 0 : gap / answers.length;
}

/** Precision: the share of answers at or above the threshold that is right. Recall: the share of the total they find. */
export function precisionAndRecall(
  answers: readonly Judged[],
  total: number,
  threshold: number,
): { precision: number; recall: number } {
  const given = answers.filter(({ score }) => score >= threshold);
  const right = given.filter((answer) => answer.right).length;
  return { precision: right / Math.max(1, given.length), recall: right / Math.max(1, total) };
}

/** 0 for no values. */
export const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
