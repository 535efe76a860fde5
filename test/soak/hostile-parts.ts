import { FLOAT, INT64, type ModelSpec, type NodeSpec, onnxFile, type TensorSpec } from '../formats/onnx-file';

/** What hostile files are made of. */

/** A file that somebody made to do harm: to take gigabytes or minutes, or to find a name that JavaScript knows. */
export interface HostileFile {
  readonly name: string;
  readonly kind?: 'onnx' | 'safetensors' | 'npy' | 'tensor';
  readonly bytes: () => Uint8Array;
}

export type Attributes = NodeSpec['attributes'];

export const GIANTS = [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, 2n ** 62n];
export const int64 = (name: string, ...int64s: (number | bigint)[]): TensorSpec => ({
  name,
  type: INT64,
  dims: [int64s.length],
  int64s,
});
export const number = (name: string, ...values: number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims: [values.length],
  floats: values,
});

/** One node over an input `x` of some shape. */
export function one(
  name: string,
  dims: readonly number[],
  op: string,
  attributes?: Attributes,
  constants: readonly TensorSpec[] = [],
): HostileFile {
  const inputs = ['x', ...constants.map((constant) => constant.name!)];
  return network(name, {
    opset: 18,
    inputs: [{ name: 'x', dims }],
    outputs: ['y'],
    initializers: constants,
    nodes: [{ op, inputs, outputs: ['y'], attributes }],
  });
}

export const network = (name: string, spec: ModelSpec): HostileFile => ({ name, bytes: () => onnxFile(spec) });
