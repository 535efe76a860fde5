/** How often one thing was taken for another. */
export interface Mistake {
  readonly truth: string;
  readonly answer: string;
  /** Pictures, boxes, or pixels. */
  readonly count: number;
}

/** Counts what was taken for what. */
export class Mistakes {
  readonly #counts = new Map<string, Mistake>();

  add(truth: string, answer: string, count = 1): void {
    if (truth === answer || count === 0) return;
    const key = JSON.stringify([truth, answer]);
    this.#counts.set(key, { truth, answer, count: (this.#counts.get(key)?.count ?? 0) + count });
  }

  /** Most frequent first; of equals, the one met first. */
  list(): Mistake[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count);
  }
}
