import { once } from 'node:events';
import { createNodeGpu } from '../../src/cli/node-gpu';
import type { MeasurementName } from './place';

/** What the program that measures is asked, */
export interface Question {
  readonly name: MeasurementName;
  readonly argument: unknown;
}

/** and what it says. */
export type Answer =
  | { readonly kind: 'ready' | 'failed'; readonly error?: string }
  | { readonly kind: 'partial' | 'whole'; readonly value: unknown };

const answer = (message: Answer): void => void process.send!(message);
const wordsOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** A program of its own, which measures on the adapter that `FOVEA_ADAPTER` names until nobody asks any more. */
export async function answerQuestions(): Promise<void> {
  // Drivers keep no compiled shaders: every start is cold.
  process.env.MESA_SHADER_CACHE_DISABLE = 'true';
  process.env.__GL_SHADER_DISK_CACHE = '0';
  try {
    const gpu = await createNodeGpu();
    Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'Node' }, configurable: true });
    // Imported now, as it wraps WebGPU's classes, which were defined just above.
    const { measurements } = await import('./measurements');
    process.on('message', async ({ name, argument }: Question) => {
      const measure = measurements[name] as (argument: unknown, tell: (value: unknown) => void) => Promise<unknown>;
      try {
        answer({ kind: 'whole', value: await measure(argument, (value) => answer({ kind: 'partial', value })) });
      } catch (error) {
        answer({ kind: 'failed', error: wordsOf(error) });
      }
    });
    answer({ kind: 'ready' });
  } catch (error) {
    answer({ kind: 'failed', error: wordsOf(error) });
  }
  await once(process, 'disconnect');
}
