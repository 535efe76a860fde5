import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeBytes } from '../../src/cli/files';
import { printable } from '../../src/cli/format';
import { ArgumentError } from '../../src/errors';
import { writeNpy } from '../../src/formats/npy';
import { Tensor } from '../../src/tensor';
import { onnxFile } from '../formats/onnx-file';
import { failure, fovea } from './fovea';

const folder = mkdtempSync(join(tmpdir(), 'fovea-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writing a file', () => {
  it('leaves the old one and nothing half-written when it fails', () => {
    const inside = join(folder, 'occupied');
    mkdirSync(inside);
    const path = join(inside, 'result.npy');
    writeFileSync(path, 'old');
    // A folder in the place of the part that is being written.
    mkdirSync(`${path}.${process.pid}.part`);
    expect(() => writeBytes(path, 'new')).toThrow(ArgumentError);
    expect(readFileSync(path, 'utf8')).toBe('old');
    rmSync(`${path}.${process.pid}.part`, { recursive: true, force: true });
    writeBytes(path, 'new');
    expect(readdirSync(inside)).toEqual(['result.npy']);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('goes through a link and into a device', () => {
    const [file, link] = [join(folder, 'file'), join(folder, 'link')];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    writeBytes(link, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    writeBytes('/dev/null', 'new');
    expect(() => writeBytes('/dev/full', 'new')).toThrow('cannot write /dev/full: the disk is full');
  });
});

describe('names that a file gives', () => {
  const controls = '\u001b[2J\u009b31m\u202eab\u0000\r';
  const name = `a${controls}`;

  it('reach no terminal with their control characters', async () => {
    expect(printable(`${name}\nb\tß`)).toBe('a\\u001b[2J\\u009b31m\\u202eab\\u0000\\u000d\nb\tß');
    const write = (file: string, op: string): string => {
      const path = join(folder, file);
      const nodes = [{ op, name, inputs: ['x'], outputs: [name] }];
      writeFileSync(path, onnxFile({ inputs: [{ name: 'x', dims: [2] }], outputs: [name], nodes }));
      return path;
    };
    const { code, out } = await fovea('inspect', write('good.onnx', 'Abs'));
    expect(code).toBe(0);
    expect(out).toContain('\\u001b');
    const error = await failure('inspect', write('bad.onnx', 'Nothing'));
    for (const text of [out, error]) expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e]/u);
  });

  it('make files of their own where only capitals tell them apart', async () => {
    const nodes = ['y', 'Y'].map((output) => ({ op: 'Abs', inputs: ['x'], outputs: [output] }));
    const model = join(folder, 'capitals.onnx');
    writeFileSync(model, onnxFile({ inputs: [{ name: 'x', dims: [2] }], outputs: ['y', 'Y'], nodes }));
    const x = join(folder, 'x.npy');
    writeFileSync(x, writeNpy(Tensor.float32([2], [-1, 2])));
    const results = join(folder, 'results');
    const { code, err } = await fovea('run', model, '--backend', 'cpu', '--input', `x=${x}`, '--output-dir', results);
    expect(err).toBe('');
    expect(code).toBe(0);
    const files = readdirSync(results).filter((file) => file.endsWith('.npy'));
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(2);
  });
});
