/** What a part of the soak counts, and what it finds wrong. */
export interface Figures {
  readonly counts: Record<string, number>;
  readonly failures: Failure[];
  /** The most resident memory that its process ever had. */
  readonly peakBytes: number;
}

/**
 * `escape`: an error that is none of Fovea's; `hang`: more than 2 s of processor time for one file, or no sign of life;
 * `wrong`: an answer that is not the reference's; `growth`: memory that is held for ever; `crash`: the process ended.
 */
export type FailureKind = 'escape' | 'hang' | 'wrong' | 'growth' | 'crash';

export interface Failure {
  readonly kind: FailureKind;
  readonly what: string;
}

/** One part's share of the work. */
export interface Job {
  readonly seed: number;
  /** The first item and the number of items: files, frames, losses, callers. */
  readonly from: number;
  readonly count: number;
}

/** @param at called before each item: what a part was at when it gave no more sign of life */
export type Part = (job: Job, tally: Tally, at: (item: number) => void) => Promise<void>;

export class Tally {
  readonly counts: Record<string, number> = {};
  readonly failures: Failure[] = [];

  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  fail(kind: FailureKind, what: string): void {
    this.failures.push({ kind, what: what.slice(0, 4000) });
  }

  figures(): Figures {
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return { counts: this.counts, failures: this.failures, peakBytes };
  }
}

/** Lets messages and timers through: a part that awaits only what is ready never would. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
