import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { build } from 'vite';
import { nodeWorkers } from '../../tools/node-workers.mjs';

/** Builds a program into one file for Node: Vite itself would take a third of the memory of its process. */
export async function buildProgram(entry: string, name: string): Promise<string> {
  // Inside the project, where Node finds its packages; of its own, as another run may be going on.
  const outDir = resolve('node_modules/.cache', `${name}-${process.pid}`);
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [nodeWorkers()],
    build: { outDir, emptyOutDir: true, target: 'es2022', ssr: entry, minify: false },
  });
  return resolve(outDir, `${basename(entry, '.ts')}.js`);
}

/**
 * Runs a program in a process of its own, and ends it when it gives no message for so long.
 *
 * @param heapMegabytes the most that objects of JavaScript may take; a program that keeps more crashes. Its C library is
 *   then told to keep two arenas instead of eight for each processor, as every device brings threads of its own and
 *   what they free stays with their arenas
 * @returns how it ended: its exit code, the signal that ended it, or `silence`
 */
export async function watchChild<Message>(
  program: string,
  args: readonly string[],
  silenceSeconds: number,
  onMessage: (message: Message) => void,
  heapMegabytes?: number,
): Promise<number | string | null> {
  // A process group of its own, so that its children end with it, whatever they are at.
  const execArgv = heapMegabytes === undefined ? process.execArgv : [`--max-old-space-size=${heapMegabytes}`];
  const env = heapMegabytes === undefined ? process.env : { ...process.env, MALLOC_ARENA_MAX: '2' };
  const child = fork(program, args, { detached: true, execArgv, env });
  const endAll = (): boolean => process.kill(-child.pid!, 'SIGKILL');
  const interrupt = (): void => process.exit(130);
  process.once('exit', endAll).once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let isSilent = false;
  const end = (): void => {
    isSilent = true;
    endAll();
  };
  let timer = setTimeout(end, silenceSeconds * 1000);
  child.on('message', (message) => {
    clearTimeout(timer);
    timer = setTimeout(end, silenceSeconds * 1000);
    onMessage(message as Message);
  });
  const how = await new Promise<number | string | null>((done) =>
    child.on('exit', (code, signal) => done(code ?? signal)),
  );
  clearTimeout(timer);
  process.off('exit', endAll).off('SIGINT', interrupt).off('SIGTERM', interrupt);
  return isSilent ? 'silence' : how;
}
