// @ts-check
// Gives the relative imports of the emitted declarations their file extension, which Node's resolution asks for, and
// holds that they name no package: Fovea brings none along.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TYPES = 'dist/types';
const PACKAGE = /(?:from |import\()['"]([^.'"][^'"]*)['"]/;
const RELATIVE = /(from |import\()(['"])(\.{1,2}\/[^'"]+|\.{1,2})\2/g;

for (const path of readdirSync(TYPES, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.d.ts')) continue;
  const file = join(TYPES, path);
  const resolve = (/** @type {string} */ specifier) => {
    const stem = join(dirname(file), specifier);
    if (existsSync(`${stem}.d.ts`)) return `${specifier}.js`;
    if (existsSync(join(stem, 'index.d.ts'))) return `${specifier}/index.js`;
    throw new Error(`${file} imports ${specifier}, of which there are no declarations`);
  };
  const text = readFileSync(file, 'utf8').replace(
    RELATIVE,
    (_, before, quote, specifier) => `${before}${quote}${resolve(specifier)}${quote}`,
  );
  const [, name] = PACKAGE.exec(text) ?? [];
  if (name) throw new Error(`${file} imports ${name}, which the package does not bring`);
  writeFileSync(file, text);
}
