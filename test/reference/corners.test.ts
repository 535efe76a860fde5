import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import type { Operator, OperatorAttributes } from '../../src/operators';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import { erf, unaryFunction } from '../../src/reference/unary';
import { Tensor } from '../../src/tensor';

/** Corners that the goldens' makers leave undefined or answer differently from each other. */

const numbers = (...values: number[]): Tensor => Tensor.float32([values.length], values);

function run<O extends Operator>(op: O, inputs: readonly Tensor[], attributes: OperatorAttributes[O]): Tensor[] {
  const b = new GraphBuilder('one node');
  const names = inputs.map((tensor, i) => b.constant(`input${i}`, tensor));
  return [...runReference(b.build(b.add(op, names, attributes)), {}).values()];
}

const values = ([tensor]: readonly Tensor[]): number[] => Array.from(tensor.data);

describe('the reference', () => {
  it('raises 1 to any power, and -1 to an infinite one, as 1', () => {
    const bases = numbers(1, 1, -1, -1);
    const exponents = numbers(Number.NaN, Infinity, Infinity, -Infinity);
    expect(values(run('binary', [bases, exponents], { fn: 'pow' }))).toEqual([1, 1, 1, 1]);
  });

  it('has no sign for NaN', () => {
    expect(values(run('unary', [numbers(Number.NaN)], { fn: 'sign', alpha: 0, beta: 0 }))).toEqual([Number.NaN]);
  });

  it('takes every condition but 0 as true', () => {
    const condition = Tensor.int32([3], [-1, 0, 2]);
    expect(values(run('where', [condition, numbers(1), numbers(9)], {}))).toEqual([1, 9, 1]);
  });

  it('casts to int32 with the ends of the range for what lies beyond, and 0 for NaN', () => {
    const x = numbers(3e9, -3e9, Infinity, -Infinity, Number.NaN);
    const [most, least] = [2 ** 31 - 1, -(2 ** 31)];
    expect(values(run('cast', [x], { to: 'int32' }))).toEqual([most, least, most, least, 0]);
  });

  it('gathers 0 from beyond the axis, on either side', () => {
    const indices = Tensor.int32([4], [3, 2, -3, -4]);
    expect(values(run('gather', [numbers(1, 2, 3), indices], { axis: 0 }))).toEqual([0, 3, 1, 0]);
  });

  it('reduces an empty axis to what each function starts from', () => {
    const empty = Tensor.float32([2, 0]);
    const reduce = (fn: OperatorAttributes['reduce']['fn']): number[] =>
      values(run('reduce', [empty], { fn, axes: [1], keepDims: false }));
    expect(reduce('sum')).toEqual([0, 0]);
    expect(reduce('prod')).toEqual([1, 1]);
    expect(reduce('max')).toEqual([-Infinity, -Infinity]);
    expect(reduce('min')).toEqual([Infinity, Infinity]);
    expect(reduce('mean')).toEqual([Number.NaN, Number.NaN]);
    expect(reduce('log-sum-exp')).toEqual([-Infinity, -Infinity]);
  });

  it('reduces no axes to the function of each value', () => {
    const reduce = (fn: OperatorAttributes['reduce']['fn']): number[] =>
      values(run('reduce', [numbers(-2, 3)], { fn, axes: [], keepDims: false }));
    expect(reduce('sum')).toEqual([-2, 3]);
    expect(reduce('l1')).toEqual([2, 3]);
    expect(reduce('sum-square')).toEqual([4, 9]);
  });

  describe('pools a window of nothing but padding', () => {
    const padding = {
      kernel: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 1, 0, 1],
      ceilMode: false,
    } as const;
    const pixel = Tensor.float32([1, 1, 1, 1], [5]);
    it('to -Infinity as a maximum', () => {
      expect(values(run('max-pool2d', [pixel], padding))).toEqual([-Infinity, 5, -Infinity]);
    });
    it('to 0 as a mean', () => {
      expect(values(run('average-pool2d', [pixel], { ...padding, countIncludePad: false }))).toEqual([0, 5, 0]);
      expect(values(run('average-pool2d', [pixel], { ...padding, countIncludePad: true }))).toEqual([0, 5, 0]);
    });
  });

  it('runs an empty batch', () => {
    const attributes = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
    const inputs = [Tensor.float32([0, 2, 3, 3]), Tensor.float32([4, 2, 3, 3]), Tensor.float32([4])];
    const [y] = run('conv2d', inputs, attributes);
    expect(y.shape).toEqual([0, 4, 1, 1]);
  });

  it('never keeps a box whose score is NaN, and drops nothing for a box without coordinates', () => {
    const boxes = Tensor.float32([1, 3, 4], [0, 0, 1, 1, 0, 0, 1, 1, ...Array<number>(4).fill(Number.NaN)]);
    const scores = Tensor.float32([1, 1, 3], [Number.NaN, 0.5, 0.9]);
    const [indices, , count] = run('non-maximum-suppression', [boxes, scores], {
      scoreLayout: 'class-first',
      boxFormat: 'corners',
      iouThreshold: 0.5,
      scoreThreshold: 0,
      maxPerClass: 3,
      firstClass: 0,
    });
    expect(values([indices])).toEqual([0, 0, 2, 0, 0, 1, -1, -1, -1]);
    expect(values([count])).toEqual([2]);
  });

  it('lets the upper bound of clip win over the lower one, as ONNX does', () => {
    expect(unaryFunction({ fn: 'clip', alpha: 2, beta: 1 })(1.5)).toBe(1);
  });

  it('has an error function without a step where series and continued fraction meet', () => {
    const [before, after] = [erf(2.5 - 1e-9), erf(2.5 + 1e-9)];
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-6.25);
    expect(after - before).toBeCloseTo(slope * 2e-9, 13);
  });
});

describe('runReference', () => {
  const b = new GraphBuilder('net');
  const x = b.input('x', [2]);
  const [square] = b.add('binary', [x, x], { fn: 'mul' }, 'square');
  const [y] = b.add('binary', [square, b.constant('one', numbers(1))], { fn: 'add' }, 'sum');
  const graph = b.build([y]);

  it('returns the outputs of the graph', () => {
    const outputs = runReference(graph, { x: numbers(2, 3) });
    expect([...outputs]).toEqual([['sum', numbers(5, 10)]]);
  });

  it('returns any other value, and only those asked for', () => {
    const outputs = runReference(graph, { x: numbers(2, 3) }, ['square', 'x']);
    expect([...outputs.keys()]).toEqual(['square', 'x']);
    expect(outputs.get('square')).toEqual(numbers(4, 9));
  });

  it('names an input that is missing', () => {
    expect(() => runReference(graph, {})).toThrow(new ArgumentError('input "x" of graph "net" is missing'));
  });

  it('names an input of another shape or type', () => {
    expect(() => runReference(graph, { x: numbers(1) })).toThrow(
      new ArgumentError('input "x" must be float32 [2], got float32 [1]'),
    );
    expect(() => runReference(graph, { x: Tensor.int32([2]) })).toThrow(
      new ArgumentError('input "x" must be float32 [2], got int32 [2]'),
    );
  });

  it('names an output that is not there', () => {
    expect(() => runReference(graph, { x: numbers(1, 2) }, ['z'])).toThrow(
      new ArgumentError('graph "net" has no value "z"'),
    );
  });
});
