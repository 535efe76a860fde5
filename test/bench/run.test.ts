import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** The exit code of a program that `bench/run.mjs` runs. */
function exitCodeOf(program: string): number | null {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'program.ts'), program);
  const name = relative(resolve('bench'), join(folder, 'program'));
  return spawnSync(process.execPath, ['bench/run.mjs', name]).status;
}

test('a program ends with its own exit code, even if something keeps the process alive', () => {
  expect(exitCodeOf('setInterval(() => {}, 1000); process.exitCode = 3;')).toBe(3);
  expect(exitCodeOf('setInterval(() => {}, 1000);')).toBe(0);
  expect(exitCodeOf('throw new Error("no such adapter");')).toBe(1);
});
