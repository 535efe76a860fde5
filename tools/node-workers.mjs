// @ts-check
// Lets tests run workers: Node's threads take no TypeScript, so what a module imports with `?worker&url` is built first,
// into one file, as the package's build does it.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

const QUERY = '?worker&url';

/** @returns {import('vite').Plugin} */
export function nodeWorkers() {
  return {
    name: 'node-workers',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(QUERY)) return undefined;
      const entry = id.slice(0, -QUERY.length);
      const outDir = mkdtempSync(join(tmpdir(), 'fovea-'));
      const fileName = `${basename(entry, '.ts')}.mjs`;
      const lib = { entry, formats: [/** @type {const} */ ('es')], fileName: () => fileName };
      await build({
        configFile: false,
        logLevel: 'error',
        build: { outDir, target: 'es2022', lib, rolldownOptions: { output: { codeSplitting: false } } },
      });
      return `export default ${JSON.stringify(pathToFileURL(join(outDir, fileName)).href)}`;
    },
  };
}
