import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import { BOOL } from '../../src/formats/onnx/types';
import { INT64, type NodeSpec, onnxFile } from './onnx-file';

describe('a branch', () => {
  const branch = (op: string, depth = 0): NodeSpec => ({
    op: 'If',
    inputs: ['condition'],
    outputs: [`y${depth}`],
    attributes: {
      then_branch: {
        g: {
          nodes: [depth > 0 ? branch(op, depth - 1) : { op, inputs: ['x'], outputs: ['t'] }],
          outputs: [depth > 0 ? `y${depth - 1}` : 't'],
        },
      },
      else_branch: { g: { nodes: [{ op: 'Loop', inputs: ['x'], outputs: ['e'] }], outputs: ['e'] } },
    },
  });
  const x = { name: 'x', dims: [2] };
  const condition = { name: 'condition', type: BOOL, dims: [], int32s: [1] };

  it('is part of the network where its condition is known; the other one does not count', () => {
    const graph = importOnnx(
      onnxFile({ inputs: [x], outputs: ['y3'], initializers: [condition], nodes: [branch('Relu', 3)] }),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['unary']);
  });

  it('has names of its own, which another branch may use again', () => {
    const second = { ...branch('Abs'), outputs: ['z'] };
    const nodes = [branch('Relu'), second, { op: 'Add', inputs: ['y0', 'z'], outputs: ['sum'] }];
    const graph = importOnnx(onnxFile({ inputs: [x], outputs: ['sum'], initializers: [condition], nodes }));
    expect(graph.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([
      ['unary', 't'],
      ['unary', 'z'],
      ['binary', 'sum'],
    ]);
    const outside = [...nodes, { op: 'Neg', inputs: ['t'], outputs: ['n'] }];
    const file = onnxFile({ inputs: [x], outputs: ['n'], initializers: [condition], nodes: outside });
    expect(() => importOnnx(file)).toThrow('reads "t", and nothing makes it');
  });

  it('lists what it cannot run', () => {
    const file = onnxFile({ inputs: [x], outputs: ['y0'], initializers: [condition], nodes: [branch('Unique')] });
    expect(() => importOnnx(file)).toThrow('1 unsupported node: Unique');
    const open = onnxFile({
      inputs: [x, { name: 'condition', type: BOOL, dims: [] }],
      outputs: ['y0'],
      nodes: [branch('Relu')],
    });
    expect(() => importOnnx(open)).toThrow('its condition must be known before the network runs');
  });

  it('is refused when it is nested without end', () => {
    const file = onnxFile({ inputs: [x], outputs: ['y40'], initializers: [condition], nodes: [branch('Relu', 40)] });
    expect(() => importOnnx(file)).toThrow('nested 32 deep');
  });
});

describe('what picks and puts single elements', () => {
  const data = { name: 'x', dims: [2, 3] };
  const indices = { name: 'i', type: INT64, dims: [1, 2] };
  const updates = { name: 'u', type: 1, dims: [1], floats: [5] };
  const scatter = (attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
    op: 'ScatterND',
    inputs: ['x', 'i', 'u'],
    outputs: ['y'],
    attributes,
  });
  const model = { outputs: ['y'], initializers: [updates], nodes: [scatter()] };
  const known = { ...indices, int64s: [1, 2] };

  const operatorsOf = (file: Uint8Array): string[] => importOnnx(file).nodes.map(({ op }) => op);

  it('gathers where it is known what goes where, and scatters otherwise', () => {
    const inputs = [data, indices];
    expect(operatorsOf(onnxFile({ ...model, inputs: [data], initializers: [updates, known] }))).not.toContain(
      'scatter',
    );
    expect(operatorsOf(onnxFile({ ...model, inputs }))).toContain('scatter');
    const nodes = [scatter({ reduction: 'add' })];
    expect(operatorsOf(onnxFile({ ...model, inputs: [data], initializers: [updates, known], nodes }))).toContain(
      'scatter',
    );
    const large = [{ name: 'x', dims: [4096, 4096] }];
    expect(operatorsOf(onnxFile({ ...model, inputs: large, initializers: [updates, known] }))).toContain('scatter');
  });

  it('refuses an index outside its axis', () => {
    const outside = { ...indices, int64s: [1, 3] };
    expect(() => importOnnx(onnxFile({ ...model, inputs: [data], initializers: [updates, outside] }))).toThrow(
      'index 3 is outside an axis of length 3',
    );
  });
});
