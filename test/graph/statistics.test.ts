import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder';
import { graphStatistics } from '../../src/graph/statistics';
import type { OperatorAttributes } from '../../src/operators';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { Tensor } from '../../src/tensor';

const conv: OperatorAttributes['conv2d'] = {
  ...NO_EPILOGUE,
  stride: [1, 1],
  dilation: [1, 1],
  padding: [0, 0, 0, 0],
  groups: 1,
};
const relu = { fn: 'relu', alpha: 0, beta: 0 } as const;

/** The only node of a graph made by `add`. */
function only(add: (b: GraphBuilder, weight: (...shape: number[]) => string) => string[]) {
  const b = new GraphBuilder('one');
  const outputs = add(b, (...shape) => b.constant('weight', Tensor.float32(shape)));
  const { nodes } = graphStatistics(b.build(outputs));
  expect(nodes.size).toBe(1);
  return [...nodes.values()][0];
}

describe('graphStatistics', () => {
  it('counts MobileNetV2’s first layer as its paper does: 10.8 million multiply-adds', () => {
    const stem = only((b, weight) =>
      b.add('conv2d', [b.input('x', [1, 3, 224, 224]), weight(32, 3, 3, 3), weight(32)], {
        ...conv,
        stride: [2, 2],
        padding: [1, 1, 1, 1],
      }),
    );
    expect(stem).toEqual({
      parameters: 32 * 27 + 32,
      flops: 2 * 32 * 112 * 112 * 27,
      elementsMoved: 3 * 224 * 224 + 32 * 27 + 32 + 32 * 112 * 112,
    });
  });

  it('divides a grouped convolution by its groups and adds one for each of activation and residual', () => {
    const depthwise = only((b, weight) =>
      b.add('conv2d', [b.input('x', [2, 8, 4, 4]), weight(8, 1, 3, 3), weight(8)], {
        ...conv,
        groups: 8,
        padding: [1, 1, 1, 1],
        activation: relu,
      }),
    );
    expect(depthwise.flops).toBe(2 * 8 * 4 * 4 * (2 * 9 + 1));
    const residual = only((b, weight) => {
      const x = b.input('x', [1, 4, 2, 2]);
      return b.add('conv2d', [x, weight(4, 4, 1, 1), weight(4), x], { ...conv, residual: 'before-activation' });
    });
    expect(residual.flops).toBe(4 * 4 * (2 * 4 + 1));
    expect(residual.elementsMoved).toBe(16 + 16 + 4 + 16);
  });

  it('counts a convolution that doubles what it reads as the resize, the join and the convolution that it stands for', () => {
    const both = only((b, weight) =>
      b.add(
        'upsample-conv2d',
        [b.input('low', [1, 4, 3, 5]), weight(6, 7, 3, 3), weight(6), b.input('skip', [1, 3, 6, 10])],
        { mode: 'linear', activation: relu },
      ),
    );
    expect(both.flops).toBe(4 * 6 * 10 * 8 + 6 * 6 * 10 * (2 * 7 * 9 + 1));
  });

  it('counts a convolution that adds a shortcut as the maxima, the 1×1 and the convolution that it stands for', () => {
    const all = only((b, weight) =>
      b.add(
        'shortcut-conv2d',
        [b.input('x', [1, 4, 3, 5]), weight(6, 4, 3, 3), weight(6), b.input('z', [1, 7, 6, 10]), weight(6, 7, 1, 1)],
        { pool: [2, 2], stride: [2, 2], activation: relu },
      ),
    );
    expect(all.flops).toBe(7 * 3 * 5 * 4 + 6 * 3 * 5 * (2 * 7 + 2 * 4 * 9 + 2));
  });

  it('counts a depthwise convolution and the 1×1 behind it as the two', () => {
    const depthwise = { ...conv, padding: [1, 1, 1, 1], groups: 4 } as const;
    const both = only((b, weight) =>
      b.add(
        'separable-conv2d',
        [b.input('x', [1, 4, 3, 5]), weight(4, 1, 3, 3), weight(4), weight(6, 4, 1, 1), weight(6)],
        { depthwise: { ...depthwise, activation: relu }, pointwise: conv },
      ),
    );
    expect(both.flops).toBe(3 * 5 * (4 * (2 * 9 + 1) + 6 * 2 * 4));
  });

  it('counts the 1×1 behind these two as a third', () => {
    const depthwise = { ...conv, padding: [1, 1, 1, 1], groups: 4 } as const;
    const inputs = [[4, 1, 3, 3], [4], [6, 4, 1, 1], [6], [9, 6, 1, 1], [9]] as const;
    const all = only((b, weight) =>
      b.add('separable-expand', [b.input('x', [1, 4, 3, 5]), ...inputs.map((shape) => weight(...shape))], {
        separable: { depthwise: { ...depthwise, activation: relu }, pointwise: conv },
        expand: { ...conv, activation: relu },
      }),
    );
    expect(all.flops).toBe(3 * 5 * (4 * (2 * 9 + 1) + 6 * 2 * 4 + 9 * (2 * 6 + 1)));
  });

  it('counts a gate by all pixels of its picture, and the products of the mean', () => {
    const inputs = [[6, 4, 1, 1], [6], [4, 6, 1, 1], [4]] as const;
    const gate = only((b, weight) => {
      const x = b.input('x', [2, 4, 3, 5]);
      const activations = [relu, { ...relu, fn: 'identity' } as const];
      return b.add('squeeze-excite', [x, ...inputs.map((shape) => weight(...shape)), x], { activations });
    });
    expect(gate.flops).toBe(2 * (2 * 4 * 3 * 5 + 6 * (2 * 4 + 1) + 4 * 2 * 6));
  });

  it('counts a transposed convolution by its input, since gaps are not multiplied', () => {
    const up = only((b, weight) =>
      b.add('conv-transpose2d', [b.input('x', [1, 6, 5, 5]), weight(6, 3, 2, 2), weight(3)], {
        ...conv,
        stride: [2, 2],
        outputPadding: [0, 0],
      }),
    );
    expect(up.flops).toBe(2 * 6 * 3 * 2 * 2 * 5 * 5);
  });

  it('counts matrix products by the length of their sums', () => {
    const dense = only((b, weight) => b.add('dense', [b.input('x', [2, 5]), weight(7, 5), weight(7)], NO_EPILOGUE));
    expect(dense).toEqual({ parameters: 42, flops: 2 * 2 * 7 * 5, elementsMoved: 10 + 42 + 14 });
    const matmul = only((b) => b.add('matmul', [b.input('a', [3, 2, 4]), b.input('b', [4, 6])], {}));
    expect(matmul).toEqual({ parameters: 0, flops: 3 * 2 * 6 * 2 * 4, elementsMoved: 24 + 24 + 36 });
  });

  it('counts pooling by its window and moving data as nothing', () => {
    const window = {
      kernel: [3, 2],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
      ceilMode: false,
    } as const;
    expect(only((b) => b.add('max-pool2d', [b.input('x', [1, 1, 3, 3])], window)).flops).toBe(1 * 2 * 6);
    expect(only((b) => b.add('transpose', [b.input('x', [2, 3])], { permutation: [1, 0] })).flops).toBe(0);
  });

  it('adds nodes up, and counts a shared weight once', () => {
    const b = new GraphBuilder('shared');
    const weight = b.constant('weight', Tensor.float32([2, 2, 1, 1]));
    const bias = b.constant('bias', Tensor.float32([2]));
    const [first] = b.add('conv2d', [b.input('x', [1, 2, 3, 3]), weight, bias], conv, 'first');
    const [second] = b.add('conv2d', [first, weight, bias], conv, 'second');
    const { nodes, parameters, flops } = graphStatistics(b.build(b.add('unary', [second], relu, 'third')));
    expect([...nodes.keys()]).toEqual(['first', 'second', 'third']);
    expect(nodes.get('second')!.parameters).toBe(6);
    expect(parameters).toBe(6);
    expect(flops).toBe(2 * (2 * 2 * 2 * 9) + 18);
  });
});
