import { basename, dirname, resolve } from 'node:path';
import { build } from 'vite';
import { stripWgsl } from '../../tools/strip-wgsl.mjs';

/** Writes all of this program into one file, which needs Node and the package `webgpu` and nothing else. */
export async function pack(file: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [stripWgsl()],
    ssr: { noExternal: true, external: ['webgpu'] },
    build: {
      ssr: 'bench/gpu/main.ts',
      target: 'node20',
      outDir: resolve(dirname(file)),
      emptyOutDir: false,
      rolldownOptions: {
        // What is only for browsers and for packing stays behind: importing it fails where the program runs.
        external: ['webgpu', /\/chrome-place$/, /\/pack$/],
        // Ends Dawn's threads, which would keep the process alive. The program itself has set the exit code.
        output: { entryFileNames: basename(file), codeSplitting: false, footer: 'process.exit();' },
      },
    },
  });
  console.log(`written to ${file}`);
}
