// @ts-check
import { readFileSync } from 'node:fs';

/**
 * A Vite plugin that inlines each shader without comments and white space that means nothing.
 * The `alias` lines stay as they are: the engine finds them when it changes the storage type.
 *
 * @returns {import('vite').Plugin}
 */
export function stripWgsl() {
  return {
    name: 'strip-wgsl',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      const [path, query] = id.split('?');
      if (!path.endsWith('.wgsl') || query !== 'raw') return undefined;
      this.addWatchFile(path);
      return `export default ${JSON.stringify(strip(readFileSync(path, 'utf8')))}`;
    },
  };
}

/** @param {string} wgsl @returns the same program, shorter */
export function strip(wgsl) {
  return wgsl
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\/\/.*$/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('alias') ? line : line.replace(/\s+/g, ' ').replace(/ ?([{}()[\];:=]) ?/g, '$1')))
    .join('\n');
}
