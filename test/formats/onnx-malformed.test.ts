import { describe, expect, it } from 'vitest';
import { ArgumentError, FoveaError, ModelFormatError, ShapeError } from '../../src/errors';
import { importOnnx } from '../../src/formats/onnx';
import { FLOAT, INT64, type ModelSpec, onnxFile, type TensorSpec } from './onnx-file';

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

describe('a malformed file', () => {
  it.each(['W', 'R', 'B'])('is one whose recurrent layer has a number for %s', (scalar) => {
    const dims: Record<string, number[]> = { W: [1, 3, 2], R: [1, 3, 3], B: [1, 6] };
    const initializers = Object.entries({ ...dims, [scalar]: [] }).map(([name, shape]) => ({
      ...floats(name, shape, ...new Array<number>(shape.reduce((size, extent) => size * extent, 1)).fill(1)),
    }));
    const nodes = [{ op: 'RNN', inputs: ['x', 'W', 'R', 'B'], outputs: ['y'], attributes: { hidden_size: 3 } }];
    const model = onnxFile({ inputs: [x(2, 1, 2)], outputs: ['y'], initializers, nodes });
    expect(() => importOnnx(model)).toThrow(FoveaError);
  });

  const relu = { op: 'Relu', inputs: ['x'], outputs: ['y'] };
  const refuse = (
    model: ModelSpec,
    message: RegExp,
    kind: typeof ModelFormatError | typeof ShapeError = ModelFormatError,
  ) => {
    expect(() => importOnnx(onnxFile(model))).toThrow(kind);
    expect(() => importOnnx(onnxFile(model))).toThrow(message);
  };

  it('is refused when it is no protobuf, is cut short or holds no graph', () => {
    expect(() => importOnnx(new TextEncoder().encode('<!doctype html>'))).toThrow(ModelFormatError);
    expect(() => importOnnx(new Uint8Array())).toThrow(/holds no graph/);
    const whole = onnxFile({ inputs: [x(1)], outputs: ['y'], nodes: [relu] });
    for (let length = 1; length < whole.length; length++) {
      expect(() => importOnnx(whole.subarray(0, length))).toThrow(ModelFormatError);
    }
  });

  it('is refused when it nests groups, however deep', () => {
    expect(() => importOnnx(new Uint8Array(100_000).fill(0x1b))).toThrow(/a protobuf group/);
  });

  it('is refused when nodes form a cycle or read what nothing makes', () => {
    const cycle = [
      { op: 'Relu', inputs: ['b'], outputs: ['a'] },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
    ];
    refuse({ outputs: ['b'], nodes: cycle }, /Relu "a" reads from itself, in a cycle/);
    refuse({ inputs: [x(1)], outputs: ['y'], nodes: [{ ...relu, inputs: ['z'] }] }, /reads "z", and nothing makes it/);
    refuse({ inputs: [x(1)], outputs: ['z'], nodes: [relu] }, /no node that makes its output "z"/);
    refuse({ inputs: [x(1)], outputs: ['y'], nodes: [relu, relu] }, /defines "y" twice/);
  });

  it('is refused when a shape is negative or giant', () => {
    refuse({ inputs: [x(-2)], outputs: ['y'], nodes: [relu] }, /length -2 on axis 0/, ArgumentError);
    refuse({ inputs: [x(2 ** 40)], outputs: ['y'], nodes: [relu] }, /1099511627776 elements/);
    refuse({ inputs: [x(2 ** 31, 2 ** 31)], outputs: ['y'], nodes: [relu] }, /too large/, ShapeError);
    const tile = { op: 'Tile', inputs: ['x', 'n'], outputs: ['y'] };
    refuse(
      { inputs: [x(4)], outputs: ['y'], initializers: [ints('n', 2n ** 62n)], nodes: [tile] },
      /\[.*\]/,
      ShapeError,
    );
  });

  it('is refused when an attribute is of another kind, NaN, or out of its range', () => {
    const leaky = (alpha: { f: number } | string) => ({
      inputs: [x(1)],
      outputs: ['y'],
      nodes: [{ ...relu, op: 'LeakyRelu', attributes: { alpha } }],
    });
    refuse(leaky('steep'), /attribute alpha is not a number/);
    refuse(leaky({ f: NaN }), /attribute alpha is NaN/);
    const pool = (attributes: Record<string, number[] | string>): ModelSpec => ({
      inputs: [x(1, 1, 4, 4)],
      outputs: ['y'],
      nodes: [{ ...relu, op: 'MaxPool', attributes: { kernel_shape: [2, 2], ...attributes } }],
    });
    refuse(pool({ strides: [0, 1] }), /stride must be positive integers, got \[0, 1\]/, ShapeError);
    refuse(pool({ pads: [-1, 0, 0, 0] }), /padding must be non-negative/, ShapeError);
    refuse(pool({ kernel_shape: [9, 9] }), /does not fit/, ShapeError);
    refuse(pool({ auto_pad: 'SAME' }), /attribute auto_pad is "SAME", expected NOTSET or VALID/);
  });
});
