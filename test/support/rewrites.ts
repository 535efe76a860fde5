import { expect } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import type { Pass } from '../../src/graph/passes/pass';
import type { OperatorAttributes } from '../../src/operators';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import type { UnaryFunction } from '../../src/operators/unary';
import type { Pair } from '../../src/operators/window';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from './expect-close';
import { Random } from './random';

/** Draws the constants of the nets. */
export const random = new Random(11);
export const plain = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;

export const REPEATING = { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor', cubicA: -0.75 } as const;
export const window2 = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0] } as const;

/** A graph as lines of `operator(inputs) -> outputs`, without the weights. */
export const lines = (graph: Graph): string[] =>
  graph.nodes.map((node) => {
    const inputs = node.inputs.filter((input) => !graph.constants.has(input));
    const details =
      'activation' in node.attributes ? describeEpilogue(node.attributes) : describeFunction(node.attributes);
    return `${node.op}${details}(${inputs.join(', ')}) -> ${node.outputs.join(', ')}`;
  });
const describeEpilogue = (a: { activation: { fn: string }; residual?: string; mode?: string }): string =>
  [a.mode, a.activation.fn, a.residual]
    .filter((word) => word && word !== 'identity' && word !== 'none')
    .map((word) => ` ${word}`)
    .join('');
const describeFunction = (attributes: object): string => ('fn' in attributes ? ` ${attributes.fn}` : '');

/** Builder shorthands: every constant is random. */
export class Net extends GraphBuilder {
  weights(shape: readonly number[], low = -1, high = 1): string {
    return this.constant('w', random.tensor(shape, low, high));
  }
  scalar(value: number): string {
    return this.constant('k', Tensor.float32([], [value]));
  }
  conv(x: string, channels: number, name: string, groups = 1, kernel: 1 | 3 = 3): string {
    const weight = this.weights([channels, this.shape(x)[1] / groups, kernel, kernel]);
    const padding = kernel === 3 ? plain.padding : ([0, 0, 0, 0] as const);
    return this.add('conv2d', [x, weight, this.weights([channels])], { ...plain, padding, groups }, name)[0];
  }
  resize(
    x: string,
    size: Pair,
    attributes: Omit<OperatorAttributes['resize2d'], 'size' | 'scale'>,
    name: string,
  ): string {
    const [, , height, width] = this.shape(x);
    return this.add('resize2d', [x], { ...attributes, size, scale: [size[0] / height, size[1] / width] }, name)[0];
  }
  unary(x: string, fn: UnaryFunction, name: string = fn, alpha = 0, beta = 0): string {
    return this.add('unary', [x], { fn, alpha, beta }, name)[0];
  }
  binary(a: string, b: string, fn: 'add' | 'mul' | 'sub' | 'div', name: string = fn): string {
    return this.add('binary', [a, b], { fn }, name)[0];
  }
  transpose(x: string, permutation: readonly number[], name = 'transpose'): string {
    return this.add('transpose', [x], { permutation }, name)[0];
  }
  norm(x: string, name = 'norm'): string {
    const c = [this.shape(x)[1]];
    const inputs = [x, this.weights(c), this.weights(c), this.weights(c), this.weights(c, 0.5, 2)];
    return this.add('batch-norm', inputs, { epsilon: 1e-5 }, name)[0];
  }
}

/** Checks the graph that a pass returns, and that it computes the same. */
export function expectPass(pass: Pass, build: (net: Net, x: string) => string, after: readonly string[]): void {
  const net = new Net('test');
  const graph = net.build([build(net, net.input('x', [2, 4, 5, 6]))]);
  const rewritten = pass(graph);
  expect(lines(rewritten)).toEqual(after);
  const x = random.tensor([2, 4, 5, 6]);
  const [expected] = runReference(graph, { x }).values();
  const [actual] = runReference(rewritten, { x }).values();
  // Folded weights are rounded to float32 once more than separate ones: a few ulp of the largest sum.
  expectClose(actual, expected, { ofLargest: 4e-6 });
}

export const TO_LAST = [0, 2, 3, 1];
export const TO_FIRST = [0, 3, 1, 2];
