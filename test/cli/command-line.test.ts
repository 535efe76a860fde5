import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/formats/npy';
import { Tensor } from '../../src/tensor';
import { FLOAT, INT64, onnxFile, tensorFile } from '../formats/onnx-file';
import { failure, fovea } from './fovea';

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-cli-'));
  // y = relu(conv(x, w)), z/out = -y
  writeFileSync(
    path('tiny.onnx'),
    onnxFile({
      inputs: [{ name: 'x', dims: [1, 1, 'height', 'width'] }],
      outputs: ['y', 'z/out'],
      initializers: [{ name: 'w', type: FLOAT, dims: [2, 1, 1, 1], floats: [1, -2] }],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w'], outputs: ['c'], name: 'conv' },
        { op: 'Relu', inputs: ['c'], outputs: ['y'], name: 'relu' },
        { op: 'Neg', inputs: ['y'], outputs: ['z/out'], name: 'negate' },
      ],
    }),
  );
  writeFileSync(
    path('add.onnx'),
    onnxFile({
      inputs: [
        { name: 'a', dims: [2] },
        { name: 'b', dims: [2] },
      ],
      outputs: ['sum'],
      nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
    }),
  );
  writeFileSync(
    path('odd.onnx'),
    onnxFile({
      inputs: [{ name: 'a', dims: [2] }],
      outputs: ['b'],
      nodes: [{ op: 'Frobnicate', inputs: ['a'], outputs: ['b'], name: 'first' }],
    }),
  );
  writeFileSync(path('x.npy'), writeNpy(Tensor.float32([1, 1, 1, 3], [1, -2, 3])));
  writeFileSync(path('a.npy'), writeNpy(Tensor.float32([2], [1, 2])));
  writeFileSync(path('b.npy'), writeNpy(Tensor.float32([2], [10, 20])));
  writeFileSync(path('integers.npy'), writeNpy(Tensor.int32([2], [1, 2])));
});

afterAll(() => rmSync(folder, { recursive: true }));

const array = (file: string): Tensor => readNpy(readFileSync(file), file);

describe('fovea run', () => {
  it.each(['cpu', 'gpu', 'fast-cpu'])('writes one file per output, on the %s', async (backend) => {
    const result = await fovea(
      'run',
      path('tiny.onnx'),
      '--input',
      `x=${path('x.npy')}`,
      '--output-dir',
      path(backend),
      '--backend',
      backend,
      '--json',
    );
    expect(result.err).toBe('');
    expect(result.code).toBe(0);
    const report = JSON.parse(result.out);
    expect(report).toMatchObject({
      model: 'test',
      backend,
      outputs: [
        { name: 'y', dtype: 'float32', shape: [1, 2, 1, 3], file: path(`${backend}/y.npy`) },
        { name: 'z/out', dtype: 'float32', shape: [1, 2, 1, 3], file: path(`${backend}/z_out.npy`) },
      ],
    });
    expect(array(path(`${backend}/y.npy`))).toEqual(Tensor.float32([1, 2, 1, 3], [1, 0, 3, 0, 4, 0]));
    expect([...array(path(`${backend}/z_out.npy`)).data].map((v) => v + 0)).toEqual([-1, 0, -3, 0, -4, 0]);
  });

  it('takes several files after one --input, and a file without a name for the only input', async () => {
    const options = ['--output-dir', path('more'), '--backend', 'cpu'];
    const two = await fovea('run', path('add.onnx'), '--input', `a=${path('a.npy')}`, `b=${path('b.npy')}`, ...options);
    expect(two).toMatchObject({ code: 0, err: '' });
    expect([...array(path('more/sum.npy')).data]).toEqual([11, 22]);
    const one = await fovea('run', path('tiny.onnx'), '--input', path('x.npy'), ...options);
    expect(one).toMatchObject({ code: 0, err: '' });
    expect(one.out).toContain('y      float32 [1, 2, 1, 3]');
  });

  it('says what came out where no folder is named', async () => {
    const options = ['--input', path('x.npy'), '--backend', 'cpu'];
    const text = await fovea('run', path('tiny.onnx'), ...options);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatch(/^y +float32 \[1, 2, 1, 3\] +0\.0000 to 4\.0000, the greatest at \[0, 1, 0, 1\]/);
    const { outputs } = JSON.parse((await fovea('run', path('tiny.onnx'), ...options, '--json')).out);
    expect(outputs[0]).toMatchObject({ name: 'y', least: 0, greatest: 4, greatestAt: [0, 1, 0, 1] });
    expect(outputs[0]).not.toHaveProperty('file');
  });

  it('counts what is no number, which hides neither the least nor the greatest', async () => {
    const range = async (...numbers: number[]) => {
      writeFileSync(path('nan.npy'), writeNpy(Tensor.float32([2], numbers)));
      const command = ['run', path('add.onnx'), '--input', `a=${path('nan.npy')}`, `b=${path('b.npy')}`];
      const options = ['--backend', 'cpu'];
      const { outputs } = JSON.parse((await fovea(...command, ...options, '--json')).out);
      return { output: outputs[0], text: (await fovea(...command, ...options)).out };
    };
    const one = await range(Number.NaN, 5);
    expect(one.output).toMatchObject({ least: 25, greatest: 25, greatestAt: [1], nan: 1 });
    expect(one.text).toContain('25.000 to 25.000, the greatest at [1]; 1 NaN');
    const all = await range(Number.NaN, Number.NaN);
    expect(all.output).toMatchObject({ nan: 2 });
    expect(all.output).not.toHaveProperty('least');
    expect(all.text).toContain('no numbers; 2 NaN');
  });

  it('tunes the GPU into a file', async () => {
    const options = ['--input', `x=${path('x.npy')}`, '--output-dir', path('tuned'), '--tune', path('tuning.json')];
    expect(await fovea('run', path('tiny.onnx'), ...options)).toMatchObject({ code: 0, err: '' });
    expect([...array(path('tuned/z_out.npy')).data].map((v) => v + 0)).toEqual([-1, 0, -3, 0, -4, 0]);
    const found = Object.values(JSON.parse(readFileSync(path('tuning.json'), 'utf8')));
    expect(found).toContainEqual(expect.objectContaining({ kernel: expect.stringMatching(/^conv2d/) }));
    expect(await failure('run', path('tiny.onnx'), ...options, '--backend', 'cpu')).toMatch(/--tune is the GPU/);
  });

  it('reads ONNX test data', async () => {
    writeFileSync(path('a.pb'), tensorFile({ name: 'a', type: FLOAT, dims: [2], floats: [5, 6] }));
    const inputs = ['--input', `a=${path('a.pb')}`, '--input', `b=${path('b.npy')}`];
    await fovea('run', path('add.onnx'), ...inputs, '--output-dir', path('pb'), '--backend', 'cpu');
    expect([...array(path('pb/sum.npy')).data]).toEqual([15, 26]);
  });

  it('explains in one line what is wrong with its arguments', async () => {
    const to = ['--output-dir', path('never'), '--backend', 'cpu'];
    const add = path('add.onnx');
    const a = `a=${path('a.npy')}`;
    const b = `b=${path('b.npy')}`;
    expect(await failure('run')).toMatch(/needs a model/);
    expect(await failure('run', add, 'other.onnx', ...to)).toMatch(/takes one model, got "other.onnx"/);
    expect(await failure('run', path('none.onnx'), ...to)).toMatch(/cannot read .*none\.onnx: there is no such file/);
    expect(await failure('run', folder, ...to)).toMatch(/is no model/);
    expect(await failure('run', 'model.tflite', ...to)).toMatch(/"model.tflite" is no model/);
    expect(await failure('run', add, ...to)).toMatch(/needs input "a" \(float32 \[2\]\), "b" \(float32 \[2\]\)/);
    expect(await failure('run', add, '--input', a, ...to)).toMatch(/needs input "b" \(float32 \[2\]\)/);
    expect(await failure('run', add, '--input', a, a, ...to)).toMatch(/input "a" is given twice/);
    expect(await failure('run', add, '--input', a, b, `c=${path('a.npy')}`, ...to)).toMatch(/there is no input "c"/);
    expect(await failure('run', add, '--input', path('a.npy'), ...to)).toMatch(
      /a nameless input fits a model with one input/,
    );
    expect(await failure('run', add, '--input', a, `b=${path('none.npy')}`, ...to)).toMatch(/cannot read .*none\.npy/);
    expect(await failure('run', add, '--input', a, `b=${path('x.npy')}`, ...to)).toMatch(
      /"b" is declared \[2\], got \[1, 1, 1, 3\]/,
    );
    expect(await failure('run', add, '--input', a, `b=${path('integers.npy')}`, ...to)).toMatch(
      /"b" \(float32 \[2\]\) is given as int32 \[2\]/,
    );
    expect(await failure('run', add, '--input', a, '--input', `b=${add}`, ...to)).toMatch(
      /add\.onnx: not a \.npy file/,
    );
    expect(await failure('run', add, '--input', a, b, '--output-dir', path('a.npy'))).toMatch(
      /cannot write to .*a\.npy/,
    );
    expect(await failure('run', add, '--input', a, b, '--output-dir', path('a.npy/deeper'))).toMatch(/not a folder/);
    expect(await failure('run', add, '--backend', 'tpu')).toMatch(
      /--backend must be one of gpu, cpu, fast-cpu, got "tpu"/,
    );
    expect(await failure('run', add, '--input', a, b, ...to, '--precision', 'f16')).toMatch(/--precision f16/);
    expect(await failure('run', add, '--frobnicate')).toMatch(/Unknown option '--frobnicate' \(see fovea run --help\)/);
    expect(await failure('run', add, '--output-dir')).toMatch(/--output-dir/);
    writeFileSync(path('text.pb'), 'This is no tensor.');
    expect(await failure('run', add, '--input', a, `b=${path('text.pb')}`, ...to)).toMatch(/text\.pb: ONNX tensor/);
    const tune = ['--input', `x=${path('x.npy')}`, '--tune', path('a.npy')];
    expect(await failure('run', path('tiny.onnx'), ...tune)).toMatch(/a\.npy: the file holds something other than/);
    expect(await failure('inspect', add, 'other.onnx')).toMatch(/takes one model, got "other.onnx"/);
    expect(await failure('adapters', 'all')).toMatch(/takes no argument, got "all"/);
    expect(await failure('conformance', path('none'))).toMatch(/cannot read .*none: there is no such folder/);
    expect(await failure('conformance', folder, 'other')).toMatch(/takes one folder, got "other"/);
    expect(await failure('classify', 'a.png', '--out', 'a.jpg')).toMatch(/--out must be a \.png file, a folder or -/);
    expect(await failure('segment', 'a.png', '--mask', path('a.npy/mask'))).toMatch(/--mask must be a \.png file/);
    expect(await failure('classify', 'a.png', '--model', add)).toMatch(
      /add\.onnx takes "a" .* a task gives one picture/,
    );
  });

  it('names the file when it is no ONNX model, and every node that is not supported', async () => {
    writeFileSync(path('text.onnx'), 'This is no model.');
    expect(await failure('run', path('text.onnx'), '--output-dir', path('never'))).toContain(path('text.onnx'));
    expect(await failure('inspect', path('odd.onnx'))).toMatch(/1 unsupported node: Frobnicate "first"/);
  });

  it('prints the stack when asked', async () => {
    const { code, err } = await fovea('run', 'none.onnx', '--output-dir', folder, '--verbose');
    expect(code).toBe(1);
    expect(err.split('\n')[0]).toBe('fovea: cannot read none.onnx: there is no such file');
    expect(err).toMatch(/\n {4}at /);
  });
});

describe('fovea inspect', () => {
  it('tells nodes, shapes, parameters, arithmetic and memory as JSON, with the plan on request', async () => {
    const shape = ['--shape', 'x=1,1,4,5'];
    const plain = await fovea('inspect', path('tiny.onnx'), ...shape, '--json');
    expect(plain).toMatchObject({ code: 0, err: '' });
    const report = JSON.parse(plain.out);
    expect(report.inputs).toEqual([{ name: 'x', shape: [1, 1, 4, 5], dtype: 'float32' }]);
    expect(report.nodes.map((n: { op: string }) => n.op)).toEqual(['conv2d', 'unary', 'unary']);
    expect(report.nodes[0].flops).toBe(2 * 2 * 4 * 5);
    expect(report.flops).toBe(2 * 2 * 4 * 5 + 2 * 40);
    expect(report.memory.peakBytes).toBeGreaterThanOrEqual(report.memory.lowerBoundBytes);
    expect(report.memory.lowerBoundBytes).toBeGreaterThanOrEqual((20 + 40) * 4);
    expect(report.plan).toBeUndefined();
    const planned = JSON.parse((await fovea('inspect', path('tiny.onnx'), ...shape, '--json', '--plan')).out);
    const { steps, launches, unfusedLaunches } = planned.plan;
    expect(steps.length).toBeLessThan(5);
    expect(steps.some((s: { op: string }) => s.op === 'conv2d')).toBe(true);
    expect(steps.flatMap((s: { launches: unknown[] }) => s.launches).length).toBe(launches);
    expect(launches).toBeLessThan(unfusedLaunches);
    const { totalBytes, peakBytes, weightBytes, paramBytes } = planned.memory;
    expect(totalBytes).toBe(peakBytes + weightBytes + paramBytes);
  });

  it('prints tables for people', async () => {
    const { out } = await fovea('inspect', path('tiny.onnx'), '--shape', 'x=1,1,1000,1000', '--plan');
    expect(out).toMatch(/conv +conv2d +\[1, 2, 1000, 1000\] +4 +4 MFLOP/);
    expect(out).toMatch(/3 nodes, 4 parameters, 8 MFLOP/);
    expect(out).toMatch(/memory: peak .* MB/);
    expect(out).toMatch(/plan: \d+ steps, \d+ launches, \d+ % of the \d+ without fusing/);
  });

  it('shows the segmenter without batch normalisation, bias, activation or concatenation among its steps', async () => {
    const { out } = await fovea('inspect', 'weights/segmenter.safetensors', '--plan', '--json');
    const { plan, memory } = JSON.parse(out);
    // Cells agree on names in six steps over 21 numbers, and over 21 · 7 · 7 at the end.
    const agreement = ['highest', 'highest.things', 'surest', 'behind', 'fall', 'agreed'];
    const steps: readonly { node: string; op: string }[] = plan.steps;
    const operators = new Set(steps.filter(({ node }) => !agreement.includes(node)).map(({ op }) => op));
    expect([...operators].sort()).toEqual([
      'conv2d',
      'resize2d',
      'separable-conv2d',
      'separable-expand',
      'upsample-conv2d',
    ]);
    expect(plan.launches).toBeLessThanOrEqual(0.4 * plan.unfusedLaunches);
    // Two convolutions in one launch store nothing in between, which lowers the bound more than the peak.
    expect(memory.peakBytes).toBeLessThanOrEqual(1.3 * memory.lowerBoundBytes);
  });

  it('asks for shapes that the file leaves open, and refuses what is no shape', async () => {
    expect(await failure('inspect', path('tiny.onnx'))).toBe(
      'fovea: input "x" is [1, 1, height, width]: say how large with --shape height=… --shape width=…, or --shape x=1,1,…,…',
    );
    expect(await failure('inspect', path('tiny.onnx'), '--shape', 'x=big')).toMatch(/--shape must be NAME=1,3,224,224/);
    expect(await failure('inspect', path('tiny.onnx'), '--shape', 'depth=4')).toBe(
      'fovea: --shape depth=4 names no input or dimension; there are x, height, width',
    );
    const byDimension = ['--shape', 'height=4', '--shape', 'width=5'];
    const { out } = await fovea('inspect', path('tiny.onnx'), ...byDimension, '--json');
    expect(JSON.parse(out).inputs[0].shape).toEqual([1, 1, 4, 5]);
    expect(await failure('inspect')).toMatch(/needs a model/);
  });
});

describe('a model at an address', () => {
  it('is downloaded, and an error of the server is told', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/add.onnx') response.end(readFileSync(path('add.onnx')));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { code, out } = await fovea('inspect', `${host}/add.onnx`);
      expect(code).toBe(0);
      expect(out).toContain('binary add');
      expect(await failure('inspect', `${host}/none.onnx`)).toContain(`${host}/none.onnx: the server answered 404`);
    } finally {
      server.close();
    }
  });
});

describe('fovea adapters', () => {
  it('lists an adapter with its limits and features', async () => {
    const { code, out } = await fovea('adapters', '--json');
    expect(code).toBe(0);
    const [first] = JSON.parse(out).adapters;
    expect(first.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
    expect(first.features).toContain('core-features-and-limits');
    const { out: text } = await fovea('adapters');
    expect(text).toContain(first.name);
  });
});

describe('fovea conformance', () => {
  it('counts what passes and fails when a case does', async () => {
    for (const [name, expected] of [
      ['right', [11, 22]],
      ['wrong', [11, 23]],
    ] as const) {
      mkdirSync(path(`cases/${name}/test_data_set_0`), { recursive: true });
      writeFileSync(path(`cases/${name}/model.onnx`), readFileSync(path('add.onnx')));
      const vector = (file: string, floats: readonly number[]) =>
        writeFileSync(path(`cases/${name}/test_data_set_0/${file}`), tensorFile({ type: FLOAT, dims: [2], floats }));
      vector('input_0.pb', [1, 2]);
      vector('input_1.pb', [10, 20]);
      vector('output_0.pb', expected);
    }
    const { code, out, err } = await fovea('conformance', path('cases'), '--backend', 'cpu', '--json');
    expect(code).toBe(1);
    expect(err).toBe('fovea: 1 of 2 cases failed\n');
    expect(JSON.parse(out)).toMatchObject({ backend: 'cpu', passed: 1, failed: 1, unsupported: 0 });
    expect(await fovea('conformance', path('cases/right'), '--backend', 'cpu')).toMatchObject({ code: 0 });
    expect(await failure('conformance', path('cases/right/test_data_set_0'), '--backend', 'cpu')).toMatch(
      /no model\.onnx/,
    );
  });
});

describe('fovea', () => {
  it('prints help, and names the commands when one is missing or unknown', async () => {
    expect((await fovea('--help')).out).toMatch(/run <model>[\s\S]*inspect <model>[\s\S]*adapters/);
    expect((await fovea('run', '--help')).out).toMatch(/--backend gpu\|cpu\|fast-cpu .*\(default gpu\)/);
    expect(await failure('frobnicate')).toMatch(
      /unknown command "frobnicate"; there are classify, detect, segment, pose, .*, evaluate, run, inspect/,
    );
    expect(await failure()).toMatch(/give a command: classify, detect/);
  });

  it('refuses a 64-bit integer that it cannot hold', async () => {
    writeFileSync(path('huge.pb'), tensorFile({ type: INT64, dims: [1], int64s: [2n ** 40n] }));
    const to = ['--output-dir', path('never'), '--backend', 'cpu'];
    expect(await failure('run', path('add.onnx'), '--input', `a=${path('huge.pb')}`, ...to)).toMatch(/1099511627776/);
  });
});
