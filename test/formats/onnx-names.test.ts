import { describe, expect, it } from 'vitest';
import { UnsupportedOperatorError } from '../../src/errors';
import { importOnnx, importOnnxModel } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { FLOAT, type ModelSpec, onnxFile } from './onnx-file';

describe('the names of a file', () => {
  it('are kept for every value, even when an output is an input or a constant', () => {
    const { graph, types } = importOnnxModel(
      onnxFile({
        inputs: [{ name: 'x', dims: [2] }],
        outputs: ['same', 'const', 'y'],
        initializers: [{ name: 'w', type: FLOAT, dims: [2], floats: [1, 2] }],
        nodes: [
          { op: 'Identity', inputs: ['x'], outputs: ['same'] },
          { op: 'Identity', inputs: ['w'], outputs: ['const'] },
          { op: 'Relu', inputs: ['x'], outputs: ['hidden'] },
          { op: 'Mul', inputs: ['hidden', 'w'], outputs: ['y'] },
        ],
      }),
    );
    expect(graph.outputs).toEqual(['same', 'const', 'y']);
    expect(graph.values.has('hidden')).toBe(true);
    expect([...types.keys()]).toEqual(['x', 'same', 'const', 'y']);
    const results = runReference(graph, { x: Tensor.float32([2], [-3, 4]) });
    expect(results.get('same')!.data).toEqual(Float32Array.of(-3, 4));
    expect(results.get('const')!.data).toEqual(Float32Array.of(1, 2));
    expect(results.get('y')!.data).toEqual(Float32Array.of(0, 8));
  });

  it('may be those of inherited properties', () => {
    const model: ModelSpec = {
      inputs: [{ name: '__proto__', dims: ['constructor'] }],
      outputs: ['toString'],
      nodes: [{ op: 'Relu', inputs: ['__proto__'], outputs: ['toString'] }],
    };
    expect(importOnnx(onnxFile(model)).outputs).toEqual(['toString']);
    expect(() => importOnnx(onnxFile({ ...model, nodes: [{ ...model.nodes[0], op: 'constructor' }] }))).toThrow(
      UnsupportedOperatorError,
    );
  });
});
