// Runs a TypeScript program of this folder in Node, with shaders imported as the build imports them:
//   node bench/run.mjs kernels --only conv2d
import { resolve } from 'node:path';
import { runnerImport } from 'vite';
import { nodeWorkers } from '../tools/node-workers.mjs';

const [name] = process.argv.splice(2, 1);
await runnerImport(resolve(import.meta.dirname, `${name}.ts`), { logLevel: 'error', plugins: [nodeWorkers()] });
// Ends Dawn's threads, which would keep the process alive. The program itself has set the exit code.
process.exit();
