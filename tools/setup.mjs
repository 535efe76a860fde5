// @ts-check
// Installs what the project needs and this machine lacks; does nothing where all is there.
//
//   node tools/setup.mjs [packages] [chromium] [adapter] [firefox] [lavapipe] [gles] [compilers]
//
// It runs before node_modules exists, so it stands on Node's own modules alone.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canInstallPackages, installPackages } from './debian.mjs';
import { findChromium, findFirefox, findGles, findLavapipe, findSwiftShader, mayHaveGpu } from './find.mjs';
import { findCompilers, installCompilers } from './gpu-compilers.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];

/**
 * How to see that a need is met, how to meet it, and what to tell somebody who must do so by hand.
 *
 * @type {Record<string, { isMet: () => boolean, meet: () => unknown, byHand: string } | undefined>}
 */
const NEEDS = {
  packages: {
    isMet: arePackagesInstalled,
    meet: () => npm(existsSync(join(ROOT, 'node_modules')) ? 'install' : 'ci', '--no-audit', '--no-fund'),
    byHand: 'run "npm ci"',
  },
  chromium: {
    isMet: () => findChromium() !== undefined,
    meet: () =>
      canInstallPackages()
        ? installPackages(['chromium', 'libvulkan1'])
        : run(process.execPath, [join(ROOT, 'node_modules/playwright-core/cli.js'), 'install', 'chromium']),
    byHand: 'install Chromium or Chrome, or name one in FOVEA_CHROMIUM (Debian: apt-get install chromium)',
  },
  adapter: {
    isMet: () => mayHaveGpu() || findSwiftShader() !== undefined || findLavapipe() !== undefined,
    meet: () => canInstallPackages() && installPackages(['chromium', 'libvulkan1']),
    byHand: 'without a graphics card WebGPU needs the software driver that Chromium brings (apt-get install chromium)',
  },
  firefox: {
    isMet: () => findFirefox() !== undefined,
    meet: () => canInstallPackages() && installPackages(['firefox-esr', 'libvulkan1']),
    byHand: 'install Firefox 145 or newer, or name one in FOVEA_FIREFOX (Debian: apt-get install firefox-esr)',
  },
  lavapipe: {
    isMet: () => findLavapipe() !== undefined,
    meet: () => canInstallPackages() && installPackages(['mesa-vulkan-drivers'], { atLeast: 25 }),
    byHand: 'install Mesa’s Vulkan drivers, version 25 or newer (Debian bookworm: mesa-vulkan-drivers from backports)',
  },
  gles: {
    isMet: () => findGles() !== undefined,
    meet: () => canInstallPackages() && installPackages(['libegl-mesa0', 'libegl1', 'libgles2', 'libgl1-mesa-dri']),
    byHand: 'install Mesa’s OpenGL ES (Debian: apt-get install libegl1 libgles2 libgl1-mesa-dri)',
  },
  compilers: {
    isMet: () => findCompilers() !== undefined,
    meet: installCompilers,
    byHand: 'GPU compilers need Debian, and root for the first time: run "node tools/setup.mjs compilers"',
  },
};

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  fail(`Fovea needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}`);
}
for (const name of process.argv.slice(2)) {
  const need = NEEDS[name];
  if (!need) fail(`setup: unknown need "${name}"; known are ${Object.keys(NEEDS).join(', ')}`);
  if (need.isMet()) continue;
  console.log(`setup: ${name} missing, installing`);
  need.meet();
  if (!need.isMet()) fail(`setup: could not install ${name}: ${need.byHand}`);
  console.log(`setup: ${name} installed`);
}

/** Whether node_modules holds each package of the lock file at its version. What else it holds does not matter. */
function arePackagesInstalled() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }>} by path, such as node_modules/vite
 */
function readPackages(lockFile) {
  const path = join(ROOT, lockFile);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

/** @param {string[]} args */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script ? run(process.execPath, [script, ...args]) : run('npm', args);
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' }).status === 0;
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
