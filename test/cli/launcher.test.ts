import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { onnxFile } from '../formats/onnx-file';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist/cli.js');

const npmRun = (...argv: string[]) =>
  spawnSync('npm', ['run', '--silent', 'fovea', '--', ...argv], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });

it('builds when that is needed and only then, keeps stdout for the result, and passes the exit code on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-launcher-'));
  try {
    const model = join(folder, 'abs.onnx');
    const nodes = [{ op: 'Abs', inputs: ['x'], outputs: ['y'] }];
    writeFileSync(model, onnxFile({ inputs: [{ name: 'x', dims: [2] }], outputs: ['y'], nodes }));
    // As a build leaves it that was interrupted, by a process that is no more.
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(root, 'node_modules/.fovea-build.pid'), String(pid));
    utimesSync(join(root, 'vite.config.ts'), new Date(), new Date());
    const first = npmRun('inspect', model, '--json');
    expect(first.status, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout).nodes).toHaveLength(1);
    const time = statSync(built).mtimeMs;
    const second = npmRun('inspect', join(folder, 'none.onnx'));
    expect(second.status).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toBe(`fovea: cannot read ${join(folder, 'none.onnx')}: there is no such file\n`);
    expect(statSync(built).mtimeMs).toBe(time);
    const direct = spawnSync(process.execPath, [built, 'inspect', model], { cwd: folder, encoding: 'utf8' });
    expect(direct.stdout).toMatch(/1 node, 0 parameters, 2 FLOP/);
    if (existsSync('/dev/full')) {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, [built, 'inspect', model], {
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      expect([status, stderr]).toEqual([1, 'fovea: cannot write the result: the disk is full\n']);
    }
    // As in the installed package, which has no weights beside it.
    for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
    const installed = spawnSync(process.execPath, [join(folder, 'dist/cli.js'), 'classify', 'a.png'], {
      encoding: 'utf8',
    });
    expect(installed.status).toBe(1);
    expect(installed.stderr).toMatch(
      /^fovea: the classifier's weights are not here: .*name that file or its address\n$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
