import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import type { WorkerUrls } from '../../src/cpu/team';

const source = (name: string): string => fileURLToPath(new URL(`../../src/cpu/${name}.ts`, import.meta.url));

/** Builds what the CPU runner's workers load, as Node's threads take no TypeScript. */
export async function buildCpuWorker(): Promise<WorkerUrls> {
  const outDir = mkdtempSync(join(tmpdir(), 'fovea-worker-'));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      target: 'es2022',
      minify: false,
      lib: { entry: { worker: source('worker'), references: source('references') }, formats: ['es'] },
      rolldownOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' } },
    },
  });
  const url = (name: string): string => pathToFileURL(join(outDir, `${name}.mjs`)).href;
  return { worker: url('worker'), references: url('references') };
}
