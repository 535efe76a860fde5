/** Counts how often the right label is first, and among the first five. */
export class TopLabels {
  #n = 0;
  #first = 0;
  #firstFive = 0;

  /** @param scores one per label; of equal scores the lower index ranks first */
  add(scores: ArrayLike<number>, truth: number): void {
    let rank = 0;
    for (let i = 0; i < scores.length; i++) {
      if (scores[i] > scores[truth] || (scores[i] === scores[truth] && i < truth)) rank++;
    }
    this.#n++;
    if (rank === 0) this.#first++;
    if (rank < 5) this.#firstFive++;
  }

  /** Shares, 0 when nothing was added. */
  result(): { top1: number; top5: number; n: number } {
    const n = Math.max(1, this.#n);
    return { top1: this.#first / n, top5: this.#firstFive / n, n: this.#n };
  }
}
