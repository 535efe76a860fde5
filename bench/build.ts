import { build } from 'vite';
import { stripWgsl } from '../tools/strip-wgsl.mjs';

/**
 * Bundles modules of this folder for the browser, each by itself, so that none downloads another's code.
 *
 * @returns files by address: `page` becomes `/page.js`
 */
export async function buildPages(names: readonly string[]): Promise<Map<string, Uint8Array | string>> {
  const files = new Map<string, Uint8Array | string>();
  for (const name of names) {
    const built = await build({
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      plugins: [stripWgsl()],
      build: {
        write: false,
        target: 'es2022',
        modulePreload: false,
        rolldownOptions: {
          input: { [name]: `bench/${name}.ts` },
          preserveEntrySignatures: 'strict',
          output: {
            entryFileNames: '[name].js',
            chunkFileNames: `${name}-[name]-[hash].js`,
            minify: { compress: true, codegen: true, mangle: { keepNames: { class: true, function: false } } },
          },
        },
      },
    });
    if (!('output' in built)) throw new Error(`bench/${name}.ts: expected one build`);
    for (const file of built.output) {
      files.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source);
    }
  }
  return files;
}
