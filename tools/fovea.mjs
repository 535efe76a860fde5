// @ts-check
// Runs the command line, after building it when the sources are newer than what was built last.
//
//   npm run --silent fovea -- <command> …
//
// What it does besides goes to stderr, so that stdout holds the command's result alone.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = join(ROOT, 'dist/cli.js');
/** Holds the number of the process that builds. */
const LOCK = join(ROOT, 'node_modules/.fovea-build.pid');
const SOURCES = ['src', 'shaders', 'tools/strip-wgsl.mjs', 'vite.config.ts', 'package-lock.json'];

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
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      // Whoever was interrupted left its lock behind.
      if (isHeld()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      else rmSync(LOCK, { force: true });
    }
  }
  action();
  rmSync(LOCK, { force: true });
}

/** Whether the process of the lock is alive. */
function isHeld() {
  try {
    const pid = Number(readFileSync(LOCK, 'utf8'));
    // Empty: its process is writing it.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
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
  rmSync(LOCK, { force: true });
  console.error(`fovea: ${command} ${args.join(' ')} failed`);
  process.exit(1);
}
