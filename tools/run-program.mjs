// Runs a TypeScript program in Node, with shaders and workers imported as the build imports them:
//   node tools/run-program.mjs test/soak/main.ts --scale 0.1
import { resolve } from 'node:path';
import { runnerImport } from 'vite';
import { nodeWorkers } from './node-workers.mjs';

const [program] = process.argv.splice(2, 1);
try {
  await runnerImport(resolve(program), { logLevel: 'error', plugins: [nodeWorkers()] });
} catch (error) {
  // A wrong argument is the caller's mistake: its message says all.
  if (error?.name !== 'ArgumentError' && !error?.code?.startsWith('ERR_PARSE_ARGS_')) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
// Ends Dawn's threads, which would keep the process alive. The program itself has set the exit code.
process.exit();
