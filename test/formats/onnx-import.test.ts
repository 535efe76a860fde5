import { describe, expect, it } from 'vitest';
import { ArgumentError, UnsupportedOperatorError } from '../../src/errors';
import { importOnnx, type OnnxOptions } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { FLOAT, INT64, type ModelSpec, type NodeSpec, onnxFile, type TensorSpec } from './onnx-file';

const x = (...dims: (number | string | undefined)[]) => ({ name: 'x', dims });
const ints = (name: string, ...values: (number | bigint)[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [values.length],
  int64s: values,
});
const floats = (name: string, dims: number[], ...values: number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims,
  floats: values,
});

function run(model: ModelSpec, inputs: Record<string, Tensor>, options?: OnnxOptions): number[] {
  const graph = importOnnx(onnxFile(model), options);
  return Array.from(runReference(graph, inputs).get(graph.outputs[0])!.data);
}

/** A network that adds an initializer to zeros, so that its output shows what was read. */
const reading = (tensor: TensorSpec, type: number): ModelSpec => ({
  inputs: [{ name: 'x', type, dims: tensor.dims.map(Number) }],
  outputs: ['y'],
  initializers: [{ ...tensor, name: 'w' }],
  nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
});

describe('tensors in an ONNX file', () => {
  const zeros = { x: Tensor.float32([2]) };

  it('are read from raw bytes and from typed fields alike', () => {
    const raw = new Uint8Array(new Float32Array([1.5, -2]).buffer);
    expect(run(reading({ type: 1, dims: [2], raw }, 1), zeros)).toEqual([1.5, -2]);
    expect(run(reading({ type: 1, dims: [2], floats: [1.5, -2] }, 1), zeros)).toEqual([1.5, -2]);
  });

  it('may be float16 or bfloat16, in either form', () => {
    const halves = Uint8Array.of(0x00, 0x3e, 0x00, 0xc0);
    expect(run(reading({ type: 10, dims: [2], raw: halves }, 10), zeros)).toEqual([1.5, -2]);
    expect(run(reading({ type: 10, dims: [2], int32s: [0x3e00, 0xc000] }, 10), zeros)).toEqual([1.5, -2]);
    const upperHalves = Uint8Array.of(0xc0, 0x3f, 0x00, 0xc0);
    expect(run(reading({ type: 16, dims: [2], raw: upperHalves }, 16), zeros)).toEqual([1.5, -2]);
    expect(run(reading({ type: 16, dims: [2], int32s: [0x3fc0, 0xc000] }, 16), zeros)).toEqual([1.5, -2]);
  });

  it('may be integers of any width, with their sign', () => {
    const zeroIntegers = { x: Tensor.int32([2]) };
    const cases: [type: number, raw: ArrayBufferView][] = [
      [3, Int8Array.of(7, -7)],
      [5, Int16Array.of(7, -7)],
      [6, Int32Array.of(7, -7)],
      [7, BigInt64Array.of(7n, -7n)],
    ];
    for (const [type, { buffer }] of cases) {
      expect(run(reading({ type, dims: [2], raw: new Uint8Array(buffer) }, type), zeroIntegers)).toEqual([7, -7]);
    }
    expect(run(reading({ type: 2, dims: [2], raw: Uint8Array.of(7, 249) }, 2), zeroIntegers)).toEqual([7, 249]);
  });

  it('may lie in another file, at an offset', () => {
    const file = new Uint8Array(new Float32Array([9, 1.5, -2, 9]).buffer);
    const external = { location: 'weights.bin', offset: '4', length: '8' };
    const model = reading({ type: 1, dims: [2], external }, 1);
    const externalData = (location: string) => (location === 'weights.bin' ? file : undefined);
    expect(run(model, zeros, { externalData })).toEqual([1.5, -2]);
    expect(() => run(model, zeros)).toThrow(/"w".*"weights.bin", which was not given/);
    expect(() => run(model, zeros, { externalData: () => file.subarray(0, 8) })).toThrow(/ends at 12 .* has 8 bytes/);
  });

  it('may not lie in a file outside the folder of the model', () => {
    for (const location of ['../secret', '/etc/passwd', 'a/../../b', 'C:\\x', 'http://host/x', '']) {
      const model = reading({ type: 1, dims: [2], external: { location } }, 1);
      expect(() => run(model, zeros, { externalData: () => new Uint8Array(8) })).toThrow(
        /expected a file beside the model/,
      );
    }
  });

  it('are refused when the data does not fill the shape', () => {
    expect(() => run(reading({ type: 1, dims: [2], floats: [1] }, 1), zeros)).toThrow(
      /"w".*\[2\]: 1 values, expected 2/,
    );
    expect(() => run(reading({ type: 1, dims: [2], raw: new Uint8Array(7) }, 1), zeros)).toThrow(/7 bytes.*expected 8/);
  });

  it('are refused when a network computes with an integer that int32 does not hold', () => {
    const model = reading({ type: 7, dims: [1], int64s: [2n ** 40n] }, 7);
    expect(() => run(model, { x: Tensor.int32([1]) })).toThrow(/"w" of type int64 holds 1099511627776/);
  });
});

describe('constants in an ONNX file', () => {
  it('are folded: a Shape–Gather–Concat–Reshape chain leaves one reshape', () => {
    const graph = importOnnx(
      onnxFile({
        inputs: [x(2, 3, 4)],
        outputs: ['y'],
        initializers: [ints('zero', 0), ints('rest', -1)],
        nodes: [
          { op: 'Shape', inputs: ['x'], outputs: ['s'] },
          { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
          { op: 'Concat', inputs: ['n', 'rest'], outputs: ['to'], attributes: { axis: 0 } },
          { op: 'Reshape', inputs: ['x', 'to'], outputs: ['y'], name: 'flat' },
        ],
      }),
    );
    expect(graph.nodes.map((node) => [node.op, node.name])).toEqual([['reshape', 'flat']]);
    expect(graph.values.get('y')!.shape).toEqual([2, 12]);
    expect(graph.constants.size).toBe(0);
  });

  it('may be graph inputs too, as old files have it', () => {
    const graph = importOnnx(
      onnxFile({
        opset: 8,
        inputs: [x(1, 2), { name: 'w', dims: [2] }],
        outputs: ['y'],
        initializers: [floats('w', [2], 1, 2)],
        nodes: [{ op: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }],
      }),
    );
    expect(graph.inputs).toEqual(['x']);
    expect(graph.constants.get('w')?.data).toEqual(Float32Array.of(1, 2));
  });

  it('do not cost memory for a shape that is huge', () => {
    const graph = importOnnx(
      onnxFile({
        inputs: [x(1)],
        outputs: ['y'],
        initializers: [ints('to', 2 ** 27)],
        nodes: [
          { op: 'ConstantOfShape', inputs: ['to'], outputs: ['c'] },
          { op: 'Add', inputs: ['x', 'c'], outputs: ['y'] },
        ],
      }),
    );
    expect(graph.nodes.map((node) => node.op)).toEqual(['expand', 'binary']);
  });

  it('may hold int64 sentinels that mean "to the end"', () => {
    const slice = (opset: number): ModelSpec => ({
      opset,
      inputs: [x(5)],
      outputs: ['y'],
      initializers: [ints('from', 2), ints('to', 2n ** 63n - 1n)],
      nodes:
        opset < 10
          ? [
              {
                op: 'Slice',
                inputs: ['x'],
                outputs: ['y'],
                attributes: { starts: [2], ends: [Number.MAX_SAFE_INTEGER] },
              },
            ]
          : [{ op: 'Slice', inputs: ['x', 'from', 'to'], outputs: ['y'] }],
    });
    const input = { x: Tensor.float32([5], [0, 1, 2, 3, 4]) };
    expect(run(slice(9), input)).toEqual([2, 3, 4]);
    expect(run(slice(13), input)).toEqual([2, 3, 4]);
  });
});

describe('symbolic dimensions', () => {
  const model = onnxFile({
    inputs: [x('batch', 3, 'height', 'height')],
    outputs: ['y'],
    nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
  });
  const shape = (options: OnnxOptions) => importOnnx(model, options).values.get('y')!.shape;

  it('take their length from the dimension, from the shape or from the value given', () => {
    expect(shape({ dimensions: { batch: 2, height: 8 } })).toEqual([2, 3, 8, 8]);
    expect(shape({ shapes: { x: [4, 3, 5, 6] } })).toEqual([4, 3, 5, 6]);
    expect(shape({ values: { x: Tensor.zeros('float32', [1, 3, 2, 2]) } })).toEqual([1, 3, 2, 2]);
  });

  it('are 1 on the first axis where nothing says more', () => {
    expect(shape({ dimensions: { height: 8 } })).toEqual([1, 3, 8, 8]);
  });

  it('are an error that names the input and the axis when no length is known', () => {
    expect(() => shape({})).toThrow(ArgumentError);
    expect(() => shape({})).toThrow(/"x" is declared \[batch, 3, height, height\]; give the length of its axis 2/);
  });

  it('refuse a shape that the file rules out', () => {
    expect(() => shape({ shapes: { x: [1, 4, 8, 8] } })).toThrow(
      /declared \[batch, 3, height, height\], got \[1, 4, 8, 8\]/,
    );
  });
});

describe('values that are known before the run', () => {
  const model: ModelSpec = {
    inputs: [x(2, 3), { name: 'to', type: INT64, dims: [1] }],
    outputs: ['y'],
    nodes: [{ op: 'Reshape', inputs: ['x', 'to'], outputs: ['y'] }],
  };

  it('become constants where an operator needs them', () => {
    const graph = importOnnx(onnxFile(model), { values: { to: Tensor.int32([1], [6]) } });
    expect(graph.inputs).toEqual(['x']);
    expect(graph.values.get('y')!.shape).toEqual([6]);
  });

  it('are asked for by name of what they decide when they are missing', () => {
    expect(() => importOnnx(onnxFile(model))).toThrow(/Reshape "y": its shape must be known before the network runs/);
  });
});

describe('what Fovea cannot run', () => {
  it('is listed in one error, every node of it', () => {
    const model: ModelSpec = {
      inputs: [x(1, 1, 4, 4)],
      outputs: ['d'],
      nodes: [
        { op: 'Unique', inputs: ['x'], outputs: ['a'], name: 'first' },
        { op: 'Relu', inputs: ['a'], outputs: ['b'] },
        { op: 'Conv', domain: 'com.microsoft.nchwc', inputs: ['b'], outputs: ['c'], name: 'second' },
        { op: 'TopK', inputs: ['x', 'x'], outputs: ['p', 'i'], name: 'third' },
        { op: 'Add', inputs: ['c', 'p'], outputs: ['d'] },
      ],
    };
    try {
      importOnnx(onnxFile(model));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedOperatorError);
      expect((error as UnsupportedOperatorError).nodes).toEqual([
        { node: 'first', operator: 'Unique', reason: 'only a run tells how many distinct values there are' },
        {
          node: 'second',
          operator: 'com.microsoft.nchwc.Conv',
          reason: expect.stringMatching(
            /^its operators are ONNX Runtime's .*: take the file from before that optimisation/,
          ),
        },
        { node: 'third', operator: 'TopK', reason: 'its k must be known before the network runs' },
      ]);
    }
  });

  it.each([
    ['ImageDecoder', /export the network from the decoded picture on/],
    ['TfIdfVectorizer', /export the network from the numbers on/],
    ['MaxRoiPool', /export the network with RoiAlign instead/],
    ['Hypothetical', /the operator is not supported/],
  ])('says of %s what to do instead, where there is something', (op, expected) => {
    const model = { inputs: [x(1, 1, 4, 4)], outputs: ['y'], nodes: [{ op, inputs: ['x'], outputs: ['y'] }] };
    expect(() => importOnnx(onnxFile(model))).toThrow(expected);
  });

  it('is found behind other such nodes where the file declares the shapes between them', () => {
    const model: ModelSpec = {
      inputs: [x(1, 1, 4, 4)],
      outputs: ['c'],
      declared: [{ name: 'a', dims: [1, 1, 4, 4, 4, 4] }],
      nodes: [
        { op: 'Unique', inputs: ['x'], outputs: ['a'], name: 'first' },
        {
          op: 'AveragePool',
          inputs: ['a'],
          outputs: ['b'],
          name: 'second',
          attributes: { kernel_shape: [2, 2, 2, 2] },
        },
        { op: 'Relu', inputs: ['b'], outputs: ['c'] },
      ],
    };
    expect(() => importOnnx(onnxFile(model))).toThrow(
      /^2 unsupported nodes: Unique "first": .*; AveragePool "second": its input has rank 6/,
    );
    // Without the shape the second node cannot be judged.
    expect(() => importOnnx(onnxFile({ ...model, declared: [] }))).toThrow(/^1 unsupported node: Unique "first"/);
  });

  it('has an attribute or an input that Fovea does not know, unless the attribute is 0 or says what is known', () => {
    const reading = (op: string, attributes: NodeSpec['attributes'], inputs = ['x']): ModelSpec => ({
      opset: 28,
      inputs: [x(2, 3)],
      outputs: ['y'],
      nodes: [{ op, inputs, outputs: ['y'], name: 'n', attributes }],
    });
    const load = (model: ModelSpec) => importOnnx(onnxFile(model));
    expect(() => load(reading('Relu', { negative_slope: { f: 0.1 } }))).toThrow(
      /Relu "n": its attribute negative_slope is not supported/,
    );
    expect(() => load(reading('Softmax', { axis: 1, valid_lengths: [3, 2] }))).toThrow(
      /Softmax "n": its attribute valid_lengths is not supported/,
    );
    expect(() => load(reading('Relu', {}, ['x', 'x']))).toThrow(/Relu "n": its input 1 is not supported/);
    const harmless: NodeSpec['attributes'][] = [
      { negative_slope: { f: 0 } },
      { consumed_inputs: [0, 0] },
      { layout: '' },
    ];
    for (const attributes of harmless) expect(load(reading('Relu', attributes)).nodes.length).toBe(1);
  });

  it('is none for attributes that are written with their defaults, and have no effect in this form', () => {
    const model: ModelSpec = {
      opset: 21,
      inputs: [x(1, 2, 4, 4)],
      outputs: ['y', 'q'],
      initializers: [floats('scales', [4], 1, 1, 2, 2), floats('step', [], 0.5)],
      nodes: [
        {
          op: 'Resize',
          inputs: ['x', '', 'scales'],
          outputs: ['y'],
          attributes: { keep_aspect_ratio_policy: 'stretch', cubic_coeff_a: { f: -0.75 }, antialias: 0 },
        },
        { op: 'QuantizeLinear', inputs: ['x', 'step'], outputs: ['q'], attributes: { axis: 1, saturate: 1 } },
      ],
    };
    expect(importOnnx(onnxFile(model)).outputs).toEqual(['y', 'q']);
  });

  it('is of an operator set newer than those that Fovea knows', () => {
    const model: ModelSpec = {
      opset: 29,
      inputs: [x(1)],
      outputs: ['y'],
      nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
    };
    expect(() => importOnnx(onnxFile(model))).toThrow(
      /operator set ".*": it is version 29, and the newest that Fovea knows is 28/,
    );
  });

  it('may be a constant of a type that nothing computes with', () => {
    const model: ModelSpec = {
      inputs: [x(1)],
      outputs: ['y'],
      initializers: [{ name: 'w', type: 8, dims: [1] }],
      nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    };
    expect(() => importOnnx(onnxFile(model))).toThrow(/Add "y": it reads "w" of type string/);
  });
});

describe('what exporters wrote at length', () => {
  const model: ModelSpec = {
    inputs: [x(2, 3)],
    outputs: ['y'],
    nodes: [
      { op: 'Transpose', inputs: ['x'], outputs: ['turned'] },
      { op: 'Transpose', inputs: ['turned'], outputs: ['back'] },
      { op: 'Neg', inputs: ['back'], outputs: ['y'] },
    ],
  };

  it('is simplified, unless every value of the file is wanted', () => {
    expect(importOnnx(onnxFile(model)).nodes.map(({ op }) => op)).toEqual(['unary']);
    const whole = importOnnx(onnxFile(model), { tidy: false });
    expect(whole.nodes.map(({ outputs }) => outputs)).toEqual([['turned'], ['back'], ['y']]);
  });
});
