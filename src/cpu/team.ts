import type { Graph } from '../graph/graph';
import type { Tensors } from './messages';
import { counterCount, STOPPED_ELSEWHERE, stopRun } from './team-sync';
import { Thread } from './thread';

/** URLs of the files that workers load. */
export interface WorkerUrls {
  /** worker.ts, built. */
  readonly worker: string;
  /** references.ts, built: loaded for pictures, masks and operators that have no fast kernel. */
  readonly references: string;
}

/** A program that a team's threads hold. */
export interface TeamProgram {
  readonly number: number;
  readonly threads: readonly Thread[];
  /** Undefined for a team of one thread. */
  readonly counters: Int32Array | undefined;
}

/**
 * Threads that run a network together over shared memory, or a single thread. They start with the first request, and
 * again after one of them died.
 */
export class Team {
  #threads: readonly Thread[] | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;
  /** The number of networks on this team. */
  load = 0;

  constructor(
    private readonly size: number,
    private readonly urls: WorkerUrls,
  ) {}

  /** @throws OutOfMemoryError */
  plan(graph: Graph): Promise<TeamProgram> {
    return this.#inTurn(async () => {
      const threads = this.#start();
      const program = this.#count++;
      const { references } = this.urls;
      const planned = await threads[0].ask({ kind: 'plan', program, references, graph, shared: this.size > 1 });
      if (!planned) return { number: program, threads, counters: undefined };
      const counters = new Int32Array(new SharedArrayBuffer(4 * counterCount(planned.nodes.length)));
      const team = { counters, size: this.size };
      await Promise.all(threads.map((thread) => thread.ask({ kind: 'join', program, references, planned, team })));
      return { number: program, threads, counters };
    });
  }

  /** Runs follow one another, as each takes every thread. */
  run({ number: program, threads, counters }: TeamProgram, inputs: Tensors, signal?: AbortSignal): Promise<Tensors> {
    return this.#inTurn(async () => {
      signal?.throwIfAborted();
      counters?.fill(0);
      const stop = (): void => counters && stopRun(counters);
      signal?.addEventListener('abort', stop, { once: true });
      const answers = await Promise.allSettled(
        threads.map((thread, i) => thread.ask({ kind: 'run', program, inputs: i === 0 ? inputs : undefined })),
      );
      signal?.removeEventListener('abort', stop);
      signal?.throwIfAborted();
      const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
      if (errors.length > 0) throw errors.find(({ name }) => name !== STOPPED_ELSEWHERE) ?? errors[0];
      return (answers[0] as PromiseFulfilledResult<Tensors>).value;
    });
  }

  /** Whether the threads that hold a program are still alive. */
  has({ threads }: TeamProgram): boolean {
    return threads === this.#threads;
  }

  /** Calls a function of a file of src/reference on one of the threads. */
  call(file: string, name: string, ...inputs: unknown[]): Promise<unknown> {
    const { references } = this.urls;
    return this.#inTurn(() => this.#start()[0].ask({ kind: 'call', references, file, name, inputs }));
  }

  async drop({ number: program, threads }: TeamProgram): Promise<void> {
    await this.#inTurn(() => Promise.allSettled(threads.map((thread) => thread.ask({ kind: 'drop', program }))));
  }

  /** Ends the threads; their pending requests fail. */
  close(reason?: Error): void {
    for (const thread of this.#threads ?? []) thread.close(reason);
    this.#threads = undefined;
  }

  #start(): readonly Thread[] {
    this.#threads ??= Array.from(
      { length: this.size },
      () => new Thread(this.urls.worker, (error) => this.close(error)),
    );
    return this.#threads;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
