import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Question } from './node-child';
import { type Listener, type Place, withinTime } from './place';

/** This program again, as a checkout has it or packed into one file. */
function startChild(): ChildProcess {
  const here = fileURLToPath(import.meta.url);
  const [program, ...args] = here.endsWith('.ts') ? ['tools/run-program.mjs', 'bench/gpu/main.ts'] : [here];
  return fork(program, [...args, '--child'], { serialization: 'advanced' });
}

/** Node in a process of its own, which can be ended in the midst of a compiler's work, and whose end is no end of the run. */
export async function openNode(origin: string, listener: Listener): Promise<Place> {
  let child: ChildProcess | undefined;
  const end = (): void => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  const open = async (): Promise<ChildProcess> => {
    const started = startChild();
    child = started;
    await answered(started, () => {});
    return started;
  };
  const call = async (name: Question['name'], argument: unknown, mostMs: number): Promise<unknown> => {
    let isDone = false;
    const measure = async (tell: (value: unknown) => void): Promise<unknown> => {
      const running = child ?? (await open());
      running.send({ name, argument } satisfies Question);
      const value = await answered(running, tell);
      isDone = true;
      return value;
    };
    try {
      return await withinTime(measure, mostMs, listener);
    } finally {
      // A device that failed may take the next measurement with it.
      if (!isDone) end();
    }
  };
  await open();
  return { name: 'node', origin, call: call as Place['call'], close: end };
}

/** @throws Error with the child's own words, or how it ended */
function answered(child: ChildProcess, tell: (value: unknown) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', hear).off('exit', ended);
      act();
    };
    const hear = (answer: Answer): void => {
      if (answer.kind === 'partial') tell(answer.value);
      else if (answer.kind === 'failed') settle(() => reject(new Error(answer.error)));
      else settle(() => resolve('value' in answer ? answer.value : undefined));
    };
    const ended = (code: number | null, signal: string | null): void =>
      settle(() => reject(new Error(`the process ended with ${signal ?? code}`)));
    child.on('message', hear).on('exit', ended);
  });
}
