import { FoveaError } from '../errors';
import type { Kernel } from './kernel';

/** Indices of the shared counters; the next part of each step follows them. */
const ARRIVED = 0;
const GENERATION = 1;
const STOPPED = 2;
const FIRST_STEP = 3;

export const counterCount = (steps: number): number => FIRST_STEP + steps;

/** How often a thread polls a barrier before it sleeps: most steps end within microseconds of each other. */
const SPINS = 500;

/** The name of the error with which a thread leaves a run that another thread, or an abort, has stopped. */
export const STOPPED_ELSEWHERE = 'RunStopped';

/** How the threads of a team share a run: each executes the same steps, and takes the next free part of each step. */
export class TeamSync {
  /**
   * @param counters shared by the team, zero before each run
   * @param size the number of threads
   */
  constructor(
    private readonly counters: Int32Array,
    private readonly size: number,
  ) {}

  /**
   * Runs kernels one after the other, with a barrier behind each.
   *
   * @param before runs on this thread before the first step of any thread
   */
  run(kernels: readonly Kernel[], scratch: Float32Array, before: () => void): void {
    try {
      before();
      this.#barrier();
      for (const [step, kernel] of kernels.entries()) {
        const { parts } = kernel;
        for (let part = this.#claim(step); part < parts; part = this.#claim(step)) kernel.run(part, scratch);
        this.#barrier();
      }
    } catch (error) {
      stopRun(this.counters);
      throw error;
    }
  }

  #claim(step: number): number {
    return Atomics.add(this.counters, FIRST_STEP + step, 1);
  }

  /** Waits for the other threads. @throws FoveaError when the run was stopped */
  #barrier(): void {
    const { counters } = this;
    const generation = Atomics.load(counters, GENERATION);
    if (Atomics.add(counters, ARRIVED, 1) === this.size - 1) {
      Atomics.store(counters, ARRIVED, 0);
      Atomics.add(counters, GENERATION, 1);
      Atomics.notify(counters, GENERATION);
    } else {
      const isOver = (): boolean =>
        Atomics.load(counters, GENERATION) !== generation || Atomics.load(counters, STOPPED) !== 0;
      for (let i = 0; i < SPINS && !isOver(); i++);
      while (!isOver()) Atomics.wait(counters, GENERATION, generation);
    }
    if (Atomics.load(counters, STOPPED) !== 0) {
      throw Object.assign(new FoveaError('the run was stopped'), { name: STOPPED_ELSEWHERE });
    }
  }
}

/** Stops a run from any thread: every thread of the team leaves it at its next barrier. */
export function stopRun(counters: Int32Array): void {
  Atomics.store(counters, STOPPED, 1);
  Atomics.add(counters, GENERATION, 1);
  Atomics.notify(counters, GENERATION);
}
