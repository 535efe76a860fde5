import { FLOAT, type ModelSpec, type NodeSpec, onnxFile, type TensorSpec } from '../formats/onnx-file';

export const numbers = (name: string, dims: readonly number[], floats: readonly number[]): TensorSpec => ({
  name,
  type: FLOAT,
  dims,
  floats,
});

/** A network that gives constants, and reads the picture without minding it. */
export function constants(outputs: Record<string, TensorSpec>, more: Partial<ModelSpec> = {}, side = 64): Uint8Array {
  const nodes: NodeSpec[] = [
    { op: 'ReduceMax', inputs: ['images'], outputs: ['most'], attributes: { keepdims: 0 } },
    { op: 'Mul', inputs: ['most', 'zero'], outputs: ['nothing'] },
    ...Object.entries(outputs).map(([name, { name: value = '' }]) => ({
      op: 'Add',
      inputs: [value, 'nothing'],
      outputs: [name],
    })),
  ];
  return onnxFile({
    inputs: [{ name: 'images', dims: [1, 3, side, side] }],
    outputs: Object.keys(outputs),
    initializers: [numbers('zero', [], [0]), ...Object.values(outputs)],
    nodes,
    ...more,
  });
}

/** Columns of 84 boxes of a picture of 64 pixels, all 0 but one. */
export function columns(box: number, values: readonly number[]): number[] {
  return values.flatMap((value) => Array.from({ length: 84 }, (_, b) => (b === box ? value : 0)));
}
