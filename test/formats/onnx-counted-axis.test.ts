import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { floats, ints, model, node } from './onnx-example-parts';
import { type NodeSpec, onnxFile } from './onnx-file';

/** The places of positive numbers, `[2, count]`, and what follows. */
const found = (nodes: readonly NodeSpec[], outputs = ['y']): Uint8Array =>
  onnxFile(
    model(
      13,
      [2, 3],
      [node('Greater', 'x none', 'g'), node('NonZero', 'g', 'n'), ...nodes],
      [floats('none', 0), ints('zero', 0), ints('one', 1), ints('two', 2), ints('pair', 1, 2), ints('long', 6)],
      outputs,
    ),
  );

const x = Tensor.float32([2, 3], [0, 5, -1, 7, 0, 9]);

describe('rows whose number only the run tells', () => {
  it.each([
    ['of NonZero itself', [node('Identity', 'n', 'y')], [2, 3], [0, 1, 1, 1, 0, 2]],
    ['behind a transpose', [node('Transpose', 'n', 'y', { perm: [1, 0] })], [3, 2], [0, 1, 1, 0, 1, 2]],
    ['behind a slice of the other axis', [node('Slice', 'n one two zero', 'y')], [1, 3], [1, 0, 2]],
    ['behind arithmetic with one number', [node('Mul', 'n two', 'y')], [2, 3], [0, 2, 2, 2, 0, 4]],
    ['behind arithmetic with themselves', [node('Add', 'n n', 'y')], [2, 3], [0, 2, 2, 2, 0, 4]],
    ['behind a new axis', [node('Unsqueeze', 'n zero', 'y')], [1, 2, 3], [0, 1, 1, 1, 0, 2]],
    ['joined with themselves', [node('Concat', 'n n', 'y', { axis: 0 })], [4, 3], [0, 1, 1, 1, 0, 2, 0, 1, 1, 1, 0, 2]],
    [
      'in columns that they name',
      [node('Slice', 'n one two zero', 's'), node('Gather', 'x s', 'y', { axis: 1 })],
      [2, 1, 3],
      [5, 0, -1, 0, 7, 9],
    ],
  ])('are followed: %s', (_, nodes, shape, data) => {
    const graph = importOnnx(found(nodes));
    const y = runReference(graph, { x }).get('y')!;
    expect([y.shape, [...y.data]]).toEqual([shape, data]);
  });

  it.each([
    ['a sum over them', node('ReduceSum', 'n one', 'y')],
    ['a slice that turns them round', node('Slice', 'n last first one minus', 'y')],
    ['a slice of them', node('Slice', 'n zero one one', 'y')],
    ['picking among them', node('Gather', 'n zero', 'y', { axis: 1 })],
    ['a concatenation with others', node('Concat', 'n six', 'y', { axis: 0 })],
    ['arithmetic with as many as there may be', node('Add', 'n six', 'y')],
    ['a shape that mixes them', node('Reshape', 'n long', 'y')],
  ])('are refused in %s', (_, last) => {
    const six = node('Expand', 'zero size', 'six');
    const file = onnxFile({
      ...model(
        13,
        [2, 3],
        [node('Greater', 'x none', 'g'), node('NonZero', 'g', 'n'), six, last],
        [
          floats('none', 0),
          ints('zero', 0),
          ints('one', 1),
          ints('size', 1, 6),
          ints('long', 12),
          ints('last', -1),
          ints('first', -100),
          ints('minus', -1),
        ],
      ),
    });
    expect(() => importOnnx(file)).toThrow('it reads rows whose number is only known after the run');
  });

  it('are none where nothing is searched, and leave no counter behind', () => {
    const nodes = [node('Split', 'x', 'a b c', { axis: 1, num_outputs: 3 }), node('NonZero', 'c', 'y')];
    const graph = importOnnx(onnxFile(model(18, [3, 2], nodes, [])));
    expect([graph.values.get('y')!.shape, [...graph.rowCounts!]]).toEqual([[2, 0], []]);
  });
});
