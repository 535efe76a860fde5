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

test.each([
  ['first-visit', ['--rounds', 'abc'], '--rounds must be an integer, at least 1, got "abc"'],
  ['first-visit', ['--rounds', '0'], '--rounds must be an integer, at least 1, got "0"'],
  ['first-visit', ['--round', '3'], "Unknown option '--round'"],
  ['first-visit', ['no-such-folder'], 'no built page in "no-such-folder": there is no index.html'],
  ['turns', [], '--before must name the folder of another build'],
  ['turns', ['--before', 'src'], 'no build in --before "src": there is no dist/fovea.js'],
  ['turns', ['--before', '.', '--rounds', '0'], '--rounds must be an integer, at least 1, got "0"'],
  ['turns', ['--before', '.', '--adapter', 'gles'], '"gles" is not one of swiftshader, lavapipe'],
  ['turns', ['--before', '.', '--networks', 'lenet'], '"lenet" is not one of classifier, '],
])('benchmark %s refuses %j in one line, and exits with 2', (benchmark, options, message) => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['tools/run-program.mjs', `bench/${benchmark}.ts`, ...options],
    { encoding: 'utf8' },
  );
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(2);
});
