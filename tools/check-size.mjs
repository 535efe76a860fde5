// @ts-check
// Prints how large the built core is, gzipped, and fails when it is larger than it may be.
// The core is what `import … from 'fovea'` loads: engine, shaders, tasks; not the weights, not the ONNX importer.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 40;
const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g;

const files = reachable('dist/fovea.js');
const sizes = [...files].map((path) => ({ path, bytes: gzipSync(readFileSync(path), { level: 9 }).length }));
const totalKb = sizes.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
for (const { path, bytes } of sizes) console.log(`  ${path}: ${(bytes / 1000).toFixed(1)} kB gzipped`);
console.log(`core: ${totalKb.toFixed(1)} kB gzipped, of at most ${LIMIT_KB} kB`);
if (totalKb > LIMIT_KB) {
  console.error(`the core is ${(totalKb - LIMIT_KB).toFixed(1)} kB too large`);
  process.exitCode = 1;
}

/** @param {string} path @param {Set<string>} found @returns {Set<string>} the file and all that it imports statically */
function reachable(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, specifier] of readFileSync(path, 'utf8').matchAll(STATIC_IMPORT)) {
    reachable(join(dirname(path), specifier), found);
  }
  return found;
}
