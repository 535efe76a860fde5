import { OutOfMemoryError } from '../errors';
import { Tensor } from '../tensor';
import type { Kernel } from './kernel';
import { isReferenceOnly } from './kernels';
import { referenceFunction } from './kernels/reference';
import type { Answers, Envelope, Reply, Request, TeamInfo, Tensors } from './messages';
import { bindKernels, makeProgram, type Program, tensorOf } from './program';
import { counterCount, TeamSync } from './team-sync';

/** A program on this thread. */
interface Bound {
  readonly program: Program;
  readonly kernels: readonly Kernel[];
  readonly sync: TeamSync;
  /** The counters of a thread that runs alone, which clears them itself. */
  readonly ownCounters: Int32Array | undefined;
}

/** The work of one thread: it keeps programs, and runs them alone or with the other threads of its team. */
export class Member {
  readonly #programs = new Map<number, Bound>();
  #scratch = new Float32Array(0);

  async handle({ id, request }: Envelope): Promise<Reply> {
    try {
      await loadReferences(request);
      return { id, answer: this.#answer(request) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { id, error: { name, message } };
    }
  }

  #answer(request: Request): Answers[Request['kind']] {
    switch (request.kind) {
      case 'plan': {
        const { graph, shared } = request;
        const constants = new Map(
          [...graph.constants].map(([name, t]) => [name, new Tensor(t.dtype, t.shape, t.data)]),
        );
        const program = makeProgram({ ...graph, constants }, (size) => allocate(graph.name, size, shared));
        if (shared) return program;
        this.#bind(request.program, program, undefined);
        return undefined;
      }
      case 'join':
        this.#bind(request.program, request.planned, request.team);
        return undefined;
      case 'run':
        return this.#run(this.#programs.get(request.program)!, request.inputs);
      case 'call':
        return referenceFunction(request.file, request.name)(...request.inputs);
      case 'drop':
        this.#programs.delete(request.program);
        return undefined;
    }
  }

  #bind(number: number, program: Program, team: TeamInfo | undefined): void {
    const kernels = bindKernels(program);
    const ownCounters = team ? undefined : new Int32Array(counterCount(kernels.length));
    const { counters, size } = team ?? { counters: ownCounters!, size: 1 };
    this.#programs.set(number, { program, kernels, sync: new TeamSync(counters, size), ownCounters });
    const needed = Math.max(0, ...kernels.map(({ scratchSize = 0 }) => scratchSize));
    if (needed > this.#scratch.length) this.#scratch = new Float32Array(needed);
  }

  #run({ program, kernels, sync, ownCounters }: Bound, inputs: Tensors | undefined): Tensors | undefined {
    ownCounters?.fill(0);
    sync.run(kernels, this.#scratch, () => {
      for (const [name, { data }] of inputs ?? []) tensorOf(program, name).data.set(data);
    });
    if (!inputs) return undefined;
    return new Map(
      program.outputs.map((name) => {
        const { dtype, shape, data } = tensorOf(program, name);
        return [name, { dtype, shape, data: data.slice() }];
      }),
    );
  }
}

/** Imports references.ts if the request needs it: a function of it, or an operator without a fast kernel. */
async function loadReferences(request: Request): Promise<void> {
  if (request.kind === 'run' || request.kind === 'drop') return;
  const nodes = request.kind === 'plan' ? request.graph.nodes : request.kind === 'join' ? request.planned.nodes : [];
  if (request.kind === 'call' || nodes.some(({ op }) => isReferenceOnly(op))) {
    await import(/* @vite-ignore */ request.references);
  }
}

function allocate(name: string, sizeBytes: number, shared: boolean): ArrayBufferLike {
  try {
    return shared ? new SharedArrayBuffer(sizeBytes) : new ArrayBuffer(sizeBytes);
  } catch (cause) {
    throw new OutOfMemoryError(`"${name}" needs ${sizeBytes} bytes of memory, which could not be allocated`, { cause });
  }
}
