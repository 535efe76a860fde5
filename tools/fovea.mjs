// @ts-check
// Runs the command line, after building it when the sources are newer than what was built last.
//
//   npm run --silent fovea -- <command> …
//
// What it does besides goes to stderr, so that stdout holds the command's result alone.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = join(ROOT, 'dist/cli.js');
const LOCK = join(ROOT, 'node_modules/.fovea-build');
const SOURCES = ['src', 'shaders', 'tools/strip-wgsl.mjs', 'vite.config.ts', 'package-lock.json'];
/** Longer than any build; a lock that is older was left by a process that died. */
const STALE_LOCK_MS = 120_000;

if (isStale()) {
  run(process.execPath, ['tools/setup.mjs', 'packages', 'adapter']);
  withLock(() => isStale() && npm('run', 'build'));
}
await import(pathToFileURL(BUILT).href);

function isStale() {
  if (!existsSync(BUILT)) return true;
  const built = statSync(BUILT).mtimeMs;
  return SOURCES.some((path) => newest(join(ROOT, path)) > built);
}

/** Time of the last change at or below a path; a folder's own tells of files that went. @param {string} path @returns {number} */
function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Two commands started together must not build into one folder at once. @param {() => void} action */
function withLock(action) {
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > STALE_LOCK_MS) rmSync(LOCK, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  action();
  rmSync(LOCK, { recursive: true, force: true });
}

/** @param {string[]} args */
function npm(...args) {
  const script = process.env.npm_execpath;
  if (script) run(process.execPath, [script, '--silent', ...args]);
  else run('npm', ['--silent', ...args]);
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status } = spawnSync(command, args, { cwd: ROOT, shell, stdio: ['ignore', process.stderr.fd, 'inherit'] });
  if (status === 0) return;
  rmSync(LOCK, { recursive: true, force: true });
  console.error(`fovea: ${command} ${args.join(' ')} failed`);
  process.exit(1);
}
