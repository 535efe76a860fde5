import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ArgumentError, UnsupportedOperatorError } from '../../src/errors';
import { downloadOnnx, importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { node } from './onnx-example-parts';
import { BOOL, FLOAT, INT64, type NodeSpec, onnxFile } from './onnx-file';

const relu = node('Relu', 'x', 'y');
const x = (...dims: (number | string)[]) => ({ name: 'x', dims });

describe('a declared length of -1', () => {
  const file = onnxFile({ inputs: [x(-1, 3)], outputs: ['y'], nodes: [relu] });

  it('is open: 1 on the first axis, or what the caller says', () => {
    expect(importOnnx(file).values.get('y')?.shape).toEqual([1, 3]);
    expect(importOnnx(file, { shapes: { x: [4, 3] } }).values.get('y')?.shape).toEqual([4, 3]);
  });

  it('is asked for on another axis', () => {
    expect(() => importOnnx(onnxFile({ inputs: [x(2, -1)], outputs: ['y'], nodes: [relu] }))).toThrow(
      '"x" is declared [2, ?]; give the length of its axis 1',
    );
  });
});

describe('an option that names nothing of the file', () => {
  const file = onnxFile({ inputs: [x('batch', 3)], outputs: ['y'], nodes: [relu] });
  const refuse = (options: Parameters<typeof importOnnx>[1], message: string): void => {
    expect(() => importOnnx(file, options)).toThrow(ArgumentError);
    expect(() => importOnnx(file, options)).toThrow(message);
  };

  it('is refused with the names that there are', () => {
    refuse({ shapes: { X: [1, 3] } }, '`shapes` names "X", which is no input of the ONNX model: it has x');
    refuse({ values: { constructor: Tensor.float32([1]) } }, '`values` names "constructor"');
    refuse({ dimensions: { btach: 2 } }, '"btach", which is no symbolic dimension of the ONNX model: it has batch');
  });
});

describe('data in other files', () => {
  const external = { location: './weights/w.bin', offset: '4', length: '8' };
  const file = onnxFile({
    inputs: [x(2)],
    outputs: ['y'],
    initializers: [{ name: 'w', type: FLOAT, dims: [2], external }],
    nodes: [node('Mul', 'x w', 'y')],
  });
  const data = Float32Array.of(7, 2, 3);
  const input = { x: Tensor.float32([2], [10, 100]) };

  it.each([
    ['path', 'weights/w.bin'],
    ['name', 'w.bin'],
  ])('is found by its %s among the files given', (_, name) => {
    for (const given of [new Uint8Array(data.buffer), data.buffer]) {
      const graph = importOnnx(file, { files: { [name]: given } });
      expect(runReference(graph, input).get('y')?.data).toEqual(Float32Array.of(20, 300));
    }
  });

  it('is downloaded from beside the address of the model, its query kept, unless it is given', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(request.url?.startsWith('/models/weights/w.bin') ? Buffer.from(data.buffer) : file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/net.onnx?key=7`;
      const graph = await downloadOnnx(url);
      expect(runReference(graph, input).get('y')?.data).toEqual(Float32Array.of(20, 300));
      expect(asked).toEqual(['/models/net.onnx?key=7', '/models/weights/w.bin?key=7']);
      await downloadOnnx(url, { files: { './weights/w.bin': data.buffer } });
      expect(asked.slice(2)).toEqual(['/models/net.onnx?key=7']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('is asked for by name', () => {
    expect(() => importOnnx(file, { files: {} })).toThrow('its data lies in "./weights/w.bin", which was not given');
  });
});

describe('the error for a file that is refused', () => {
  it('names every node, for every reason, nodes behind others included', () => {
    const chain = Array.from({ length: 24 }, (_, i): NodeSpec[] => [
      { ...node('Dropout', `${i === 0 ? 'x' : `r${i - 1}`} half yes`, `d${i}`), name: `drop${i}` },
      node('Relu', `d${i}`, `r${i}`),
    ]).flat();
    const file = onnxFile({
      inputs: [x(2, 3)],
      outputs: ['y'],
      initializers: [
        { name: 'half', type: FLOAT, dims: [], floats: [0.5] },
        { name: 'yes', type: BOOL, dims: [], int32s: [1] },
      ],
      nodes: [...chain, node('Unique', 'r23', 'u'), node('MaxRoiPool', 'u', 'y')],
    });
    let refused: UnsupportedOperatorError | undefined;
    try {
      importOnnx(file);
    } catch (error) {
      if (error instanceof UnsupportedOperatorError) refused = error;
    }
    expect(refused?.nodes.map((n) => n.node)).toEqual([...Array.from({ length: 24 }, (_, i) => `drop${i}`), 'u', 'y']);
  });
});

describe('a loop', () => {
  const body = (last: string) => ({
    g: {
      inputs: [
        { name: 'i', type: INT64, dims: [] },
        { name: 'go', type: BOOL, dims: [] },
        { name: 'state', dims: [2] },
      ],
      nodes: [node('Relu', 'state', 'next'), node('Cast', last, 'on', { to: BOOL })],
      outputs: ['on', 'next'],
    },
  });
  const loop = (trips: number | bigint, last = 'go') =>
    onnxFile({
      inputs: [x(2), { name: 'n', dims: [1] }],
      outputs: ['y'],
      initializers: [{ name: 'trips', type: INT64, dims: [], int64s: [trips] }],
      nodes: [{ ...node('Loop', 'trips - x', 'y'), attributes: { body: body(last) } }],
    });

  it('of no iteration gives what it began with', () => {
    const graph = importOnnx(loop(0));
    expect(graph.nodes.map(({ op }) => op)).toEqual(['unary']);
    expect(runReference(graph, { x: Tensor.float32([2], [-1, 2]), n: Tensor.float32([1]) }).get('y')?.data).toEqual(
      Float32Array.of(-1, 2),
    );
  });

  it('is refused when only a run tells its end, or when it has none', () => {
    expect(() => importOnnx(loop(3, 'n'))).toThrow('its condition must be known before the network runs');
    expect(() => importOnnx(loop(2n ** 62n))).toThrow('loops and functions add more than 65536 nodes');
  });
});

describe('mean and variance normalisation', () => {
  it('makes zeros of a constant picture', () => {
    const file = onnxFile({
      inputs: [x(1, 2, 2, 2)],
      outputs: ['y'],
      nodes: [node('MeanVarianceNormalization', 'x', 'y')],
    });
    const constant = Tensor.float32([1, 2, 2, 2], new Float32Array(8).fill(0.1));
    expect(runReference(importOnnx(file), { x: constant }).get('y')?.data).toEqual(new Float32Array(8));
  });
});

describe('a node of very many inputs, outputs, or behind very many others', () => {
  const size = 10_000;
  const imports = (spec: Parameters<typeof onnxFile>[0]) => importOnnx(onnxFile(spec)).nodes.length;

  it('takes time in proportion', { timeout: 120_000 }, () => {
    const inputs = [x(1, size)];
    const parts = Array.from({ length: size }, (_, i) => `p${i}`);
    const split: NodeSpec = { op: 'Split', inputs: ['x'], outputs: parts, attributes: { axis: 1, num_outputs: size } };
    expect(imports({ inputs, outputs: ['p7'], nodes: [split] })).toBe(1);
    const concat: NodeSpec = {
      op: 'Concat',
      inputs: new Array(size).fill('x'),
      outputs: ['y'],
      attributes: { axis: 1 },
    };
    expect(imports({ inputs: [x(1, 1)], outputs: ['y'], nodes: [concat] })).toBe(1);
    const chain = parts.map((output, i) => node('Neg', i === 0 ? 'x' : parts[i - 1], output));
    expect(imports({ inputs: [x(1)], outputs: [parts[size - 1]], nodes: chain.toReversed() })).toBe(size);
  });
});

describe('a function that calls itself', () => {
  it('is refused', () => {
    const call = (input: string, output: string): NodeSpec => ({ ...node('F', input, output), domain: 'd' });
    const f = { name: 'F', domain: 'd', inputs: ['a'], outputs: ['b'], nodes: [call('a', 'b')] };
    const file = onnxFile({ inputs: [x(2)], outputs: ['y'], nodes: [call('x', 'y')], functions: [f] });
    expect(() => importOnnx(file)).toThrow('nested 32 deep');
  });
});

describe('a table that an importer makes itself', () => {
  const importing = (spec: Parameters<typeof onnxFile>[0]) => () => importOnnx(onnxFile(spec));
  const giant = 2 ** 31 - 1;

  it('is refused when a file of a hundred bytes makes it giant', () => {
    const pool = { kernel_shape: [100_001, 100_001], pads: [50_000, 50_000, 50_000, 50_000] };
    expect(importing({ inputs: [x(1, 1, 4, 4)], outputs: ['y'], nodes: [node('LpPool', 'x', 'y', pool)] })).toThrow(
      `LpPool "y": it takes a table [1, 1, 100001, 100001], and the most is 4194304 numbers`,
    );
    const lrn = node('LRN', 'x', 'y', { size: giant });
    expect(importing({ inputs: [x(1, 2 ** 27, 1)], outputs: ['y'], nodes: [lrn] })).toThrow(
      'LRN "y": it takes a table [1, 1, 268435455, 1], and the most is 4194304 numbers',
    );
    const size = { name: 'size', type: INT64, dims: [4], int64s: [1, 1, giant, 2] };
    const grid = node('AffineGrid', 'x size', 'y');
    expect(importing({ inputs: [x(1, 2, 3)], outputs: ['y'], initializers: [size], nodes: [grid] })).toThrow(
      `it takes a table [3, ${2 * giant}], and the most is 4194304 numbers`,
    );
    const regions = { name: 'r', type: 1, dims: [1, 4], floats: [0, 0, 2, 2] };
    const pictures = { name: 'b', type: INT64, dims: [1], int64s: [0] };
    const align = node('RoiAlign', 'x r b', 'y', { output_height: giant, output_width: 1, sampling_ratio: 2 });
    expect(
      importing({ inputs: [x(1, 1, 4, 4)], outputs: ['y'], initializers: [regions, pictures], nodes: [align] }),
    ).toThrow(`it takes a table [1, ${2 * giant}], and the most is 4194304 numbers`);
  });

  it('is refused for an axis of no pixels, however long that is to become', () => {
    const size = { name: 'size', type: INT64, dims: [3], int64s: [1, giant, 2] };
    const resize: NodeSpec = {
      op: 'Resize',
      inputs: ['x', '', '', 'size'],
      outputs: ['y'],
      attributes: { mode: 'linear' },
    };
    expect(importing({ inputs: [x(1, 0, 2)], outputs: ['y'], initializers: [size], nodes: [resize] })).toThrow(
      'resizes [1, 0, 2], which has nothing to resize',
    );
  });
});
