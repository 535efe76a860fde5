// @ts-check
// Prints how large parts of the built package are, gzipped, and fails when one is larger than it may be.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const STATIC_IMPORT = /(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g;

// What `import … from 'fovea'` loads: engine, shaders, tasks; not the weights, not the ONNX importer.
const core = reachable('dist/fovea.js');
check('core', core, 40);

// What the CPU runner loads besides: itself, and the file that its workers run. They load cpu-references.js for pictures,
// masks and operators that have no fast kernel.
const runner = [...reachable('dist/cpu.js')].filter((path) => !core.has(path));
check('CPU runner', [...runner, 'dist/cpu-worker.js'], 15);

const single = readFileSync('dist/single.js', 'utf8');
if (/\bimport\s*[("']|\bfrom\s*["']/.test(single)) {
  console.error('dist/single.js imports something: service workers and extensions cannot');
  process.exitCode = 1;
}

/** @param {string} name @param {Iterable<string>} files @param {number} limitKb */
function check(name, files, limitKb) {
  const sizes = [...files].map((path) => ({ path, bytes: gzipSync(readFileSync(path), { level: 9 }).length }));
  const totalKb = sizes.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  for (const { path, bytes } of sizes) console.log(`  ${path}: ${(bytes / 1000).toFixed(1)} kB gzipped`);
  console.log(`${name}: ${totalKb.toFixed(1)} kB gzipped, of at most ${limitKb} kB`);
  if (totalKb > limitKb) {
    console.error(`the ${name} is ${(totalKb - limitKb).toFixed(1)} kB too large`);
    process.exitCode = 1;
  }
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
