import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** The exit code of a program that `tools/run-program.mjs` runs. */
function exitCodeOf(program: string): number | null {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'program.ts');
  writeFileSync(path, program);
  return spawnSync(process.execPath, ['tools/run-program.mjs', path]).status;
}

test('a program ends with its own exit code, even if something keeps the process alive', () => {
  expect(exitCodeOf('setInterval(() => {}, 1000); process.exitCode = 3;')).toBe(3);
  expect(exitCodeOf('setInterval(() => {}, 1000);')).toBe(0);
  expect(exitCodeOf('throw new Error("no such adapter");')).toBe(1);
});
