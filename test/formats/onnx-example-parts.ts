import { FLOAT, INT64, type ModelSpec, type NodeSpec, type TensorSpec } from './onnx-file';

/** Short ways to write small networks. */

export const wave = (name: string, dims: readonly number[], scale = 1): TensorSpec => {
  const size = dims.reduce((product, d) => product * d, 1);
  return { name, type: FLOAT, dims, floats: Array.from({ length: size }, (_, i) => scale * Math.sin(i * 1.3 + 0.2)) };
};
export const ints = (name: string, ...values: number[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [values.length],
  int64s: values,
});
export const grid = (name: string, dims: readonly number[], values: readonly number[]): TensorSpec => ({
  name,
  type: INT64,
  dims,
  int64s: values,
});
export const floats = (name: string, ...values: number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims: [values.length],
  floats: values,
});
export const bytes = (name: string, type: number, dims: readonly number[], ...values: number[]): TensorSpec => ({
  name,
  type,
  dims,
  int32s: values,
});
export const scalar = (name: string, value: number): TensorSpec => ({ name, type: FLOAT, dims: [], floats: [value] });

export const node = (
  op: string,
  inputs: string,
  outputs: string,
  attributes: NonNullable<NodeSpec['attributes']> = {},
): NodeSpec => ({
  op,
  inputs: inputs.split(' ').map((i) => (i === '-' ? '' : i)),
  outputs: outputs.split(' ').map((o) => (o === '-' ? '' : o)),
  attributes,
});

export const model = (
  opset: number,
  dims: readonly number[],
  nodes: readonly NodeSpec[],
  initializers: readonly TensorSpec[] = [],
  outputs = ['y'],
): ModelSpec => ({ opset, inputs: [{ name: 'x', dims }], outputs, initializers, nodes });
