import { FoveaError } from '../errors';
import type { Kernel } from './kernel';

/** Places in the crew's shared counters; the next part of every step comes behind them. */
const ARRIVED = 0;
const MEETINGS = 1;
const STOPPED = 2;
const FIRST_STEP = 3;

export const counterCount = (steps: number): number => FIRST_STEP + steps;

/** How often a worker looks before it sleeps: most steps end within microseconds of each other. */
const SPINS = 500;

/** Why a worker left a run that it could have gone on with. */
export const STOPPED_ELSEWHERE = 'RunStopped';

/** What one worker of a crew finds out about the others. All of them run the same steps, in the same order. */
export class Crew {
  /**
   * @param counters shared by the crew, zeros before a run
   * @param size how many workers there are
   */
  constructor(
    private readonly counters: Int32Array,
    private readonly size: number,
  ) {}

  /**
   * Runs kernels one after the other, the parts of each shared out: whoever is free takes the next.
   *
   * @param before what this worker does first; nobody starts until all have done it
   */
  run(kernels: readonly Kernel[], scratch: Float32Array, before: () => void): void {
    try {
      before();
      this.meet();
      for (const [step, kernel] of kernels.entries()) {
        const { parts } = kernel;
        for (let part = this.#claim(step); part < parts; part = this.#claim(step)) kernel.run(part, scratch);
        this.meet();
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  #claim(step: number): number {
    return Atomics.add(this.counters, FIRST_STEP + step, 1);
  }

  /** Waits until all have come. @throws FoveaError when one stopped */
  meet(): void {
    const { counters } = this;
    const meeting = Atomics.load(counters, MEETINGS);
    if (Atomics.add(counters, ARRIVED, 1) === this.size - 1) {
      Atomics.store(counters, ARRIVED, 0);
      Atomics.add(counters, MEETINGS, 1);
      Atomics.notify(counters, MEETINGS);
    } else {
      const isOver = (): boolean =>
        Atomics.load(counters, MEETINGS) !== meeting || Atomics.load(counters, STOPPED) !== 0;
      for (let i = 0; i < SPINS && !isOver(); i++);
      while (!isOver()) Atomics.wait(counters, MEETINGS, meeting);
    }
    if (Atomics.load(counters, STOPPED) !== 0) {
      throw Object.assign(new FoveaError('the run was stopped'), { name: STOPPED_ELSEWHERE });
    }
  }

  /** Has every worker leave the run at its next meeting. */
  stop(): void {
    stopRun(this.counters);
  }
}

/** Ends a run, from any thread: those who wait are woken. */
export function stopRun(counters: Int32Array): void {
  Atomics.store(counters, STOPPED, 1);
  Atomics.add(counters, MEETINGS, 1);
  Atomics.notify(counters, MEETINGS);
}
