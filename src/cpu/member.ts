import { OutOfMemoryError } from '../errors';
import { Tensor } from '../tensor';
import { Crew, counterCount } from './crew';
import type { Kernel } from './kernel';
import { isReferenceOnly } from './kernels';
import { referenceFunction } from './kernels/reference';
import type { Answers, CrewInfo, Envelope, Reply, Request, Tensors } from './messages';
import { bindKernels, makeProgram, type Program, tensorOf } from './program';

/** A program on this thread. */
interface Bound {
  readonly program: Program;
  readonly kernels: readonly Kernel[];
  readonly crew: Crew;
  /** Of a crew of one, which clears them itself. */
  readonly ownCounters: Int32Array | undefined;
}

/** The work of one thread: it keeps programs, and runs them alone or with the rest of its crew. */
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
        this.#bind(request.program, request.planned, request.crew);
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

  #bind(number: number, program: Program, crew: CrewInfo | undefined): void {
    const kernels = bindKernels(program);
    const ownCounters = crew ? undefined : new Int32Array(counterCount(kernels.length));
    const { counters, size } = crew ?? { counters: ownCounters!, size: 1 };
    this.#programs.set(number, { program, kernels, crew: new Crew(counters, size), ownCounters });
    const needed = Math.max(0, ...kernels.map(({ scratchSize = 0 }) => scratchSize));
    if (needed > this.#scratch.length) this.#scratch = new Float32Array(needed);
  }

  #run({ program, kernels, crew, ownCounters }: Bound, inputs: Tensors | undefined): Tensors | undefined {
    ownCounters?.fill(0);
    crew.run(kernels, this.#scratch, () => {
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
    throw new OutOfMemoryError(`"${name}" needs ${sizeBytes} bytes of memory, which are not to be had`, { cause });
  }
}
