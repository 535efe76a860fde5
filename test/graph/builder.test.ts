import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import { consumersOf, producersOf } from '../../src/graph/graph';
import { Tensor } from '../../src/tensor';

const RELU = { fn: 'relu', alpha: 0, beta: 0 } as const;

describe('GraphBuilder', () => {
  it('lists the nodes in the order in which they were added, with the shape of every value', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [2, 3]);
    const k = b.constant('k', Tensor.float32([3]));
    const [sum] = b.add('binary', [x, k], { fn: 'add' });
    const [y] = b.add('unary', [sum], RELU);
    const graph = b.build([y]);
    expect(graph.nodes).toEqual([
      { name: 'binary', op: 'binary', attributes: { fn: 'add' }, inputs: ['x', 'k'], outputs: ['binary'] },
      { name: 'unary', op: 'unary', attributes: RELU, inputs: ['binary'], outputs: ['unary'] },
    ]);
    expect([...graph.values]).toEqual([
      ['x', { shape: [2, 3], dtype: 'float32' }],
      ['k', { shape: [3], dtype: 'float32' }],
      ['binary', { shape: [2, 3], dtype: 'float32' }],
      ['unary', { shape: [2, 3], dtype: 'float32' }],
    ]);
    expect(graph).toMatchObject({ name: 'net', inputs: ['x'], outputs: ['unary'] });
    expect([...graph.constants.keys()]).toEqual(['k']);
  });

  it('numbers nodes and constants whose name is in use', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [1]);
    const names = [1, 2, 3].map(() => b.constant('w', Tensor.float32([1])));
    expect(names).toEqual(['w', 'w_2', 'w_3']);
    const outputs = [1, 2].map(() => b.add('unary', [x], RELU, 'relu')[0]);
    expect(outputs).toEqual(['relu', 'relu_2']);
    expect(b.build([]).nodes.map((node) => node.name)).toEqual(['relu', 'relu_2']);
    expect(b.uniqueName('free')).toBe('free');
  });

  it('calls the first output as the node and numbers the others', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [6]);
    expect(b.add('split', [x], { axis: 0, sizes: [1, 2, 3] }, 'parts')).toEqual(['parts', 'parts:1', 'parts:2']);
    expect(b.shape('parts:2')).toEqual([3]);
  });

  it('calls outputs as it is told', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [6]);
    expect(b.add('split', [x], { axis: 0, sizes: [4, 2] }, 'parts', ['head', 'tail'])).toEqual(['head', 'tail']);
  });

  it('knows its constants and no other values as constants', () => {
    const b = new GraphBuilder('net');
    b.input('x', [1]);
    const tensor = Tensor.int32([2], [3, 4]);
    b.constant('k', tensor);
    expect(b.constantOf('k')).toBe(tensor);
    expect(b.constantOf('x')).toBeUndefined();
    expect(b.info('k')).toEqual({ shape: [2], dtype: 'int32' });
  });

  it('records which value counts the rows of an output', () => {
    const b = new GraphBuilder('net');
    const rows = b.input('rows', [9, 3]);
    const count = b.input('count', [1], 'int32');
    b.limitRows(rows, count);
    expect([...b.build([rows]).rowCounts!]).toEqual([['rows', 'count']]);
  });

  it('gives a graph that later additions leave alone', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [1]);
    const graph = b.build([x]);
    b.add('unary', [x], RELU);
    b.constant('k', Tensor.float32([1]));
    expect(graph.nodes).toHaveLength(0);
    expect(graph.values.size).toBe(1);
    expect(graph.constants.size).toBe(0);
  });

  it('keeps a shape of its own, so that the caller may change theirs', () => {
    const b = new GraphBuilder('net');
    const shape = [1, 2];
    b.input('x', shape);
    shape[0] = 9;
    expect(b.shape('x')).toEqual([1, 2]);
  });

  it('names the node whose inputs do not fit', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [2]);
    const y = b.input('y', [3]);
    expect(() => b.add('binary', [x, y], { fn: 'add' }, 'sum')).toThrow(
      new ShapeError('binary "sum": shapes [2] and [3] do not broadcast'),
    );
  });

  it('names the node that reads a value that is not there', () => {
    const b = new GraphBuilder('net');
    expect(() => b.add('unary', ['x'], RELU, 'act')).toThrow(
      new ShapeError('unary "act": there is no value "x" in graph "net"'),
    );
  });

  it('refuses an output that is not there', () => {
    expect(() => new GraphBuilder('net').build(['y'])).toThrow(new ShapeError('there is no value "y" in graph "net"'));
  });

  it('refuses two inputs of one name', () => {
    const b = new GraphBuilder('net');
    b.input('x', [1]);
    expect(() => b.input('x', [1])).toThrow(new ShapeError('value "x" is defined twice in graph "net"'));
  });

  it('refuses an output name that is in use', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', [1]);
    expect(() => b.add('unary', [x], RELU, 'act', ['x'])).toThrow('value "x" is defined twice in graph "net"');
  });

  it('refuses an input with a negative dimension', () => {
    expect(() => new GraphBuilder('net').input('x', [1, -1])).toThrow(
      new ShapeError('shape [1, -1] has a dimension that is not a non-negative integer'),
    );
  });
});

describe('the links of a graph', () => {
  const b = new GraphBuilder('net');
  const x = b.input('x', [4]);
  const [square] = b.add('binary', [x, x], { fn: 'mul' }, 'square');
  const [y] = b.add('binary', [square, x], { fn: 'add' }, 'sum');
  const graph = b.build([y]);

  it('lead from a value to each node that reads it, once', () => {
    const readers = [...consumersOf(graph)].map(([value, nodes]) => [value, nodes.map((node) => node.name)]);
    expect(readers).toEqual([
      ['x', ['square', 'sum']],
      ['square', ['sum']],
    ]);
  });

  it('lead from a value to the node that makes it', () => {
    const makers = [...producersOf(graph)].map(([value, node]) => [value, node.name]);
    expect(makers).toEqual([
      ['square', 'square'],
      ['sum', 'sum'],
    ]);
  });
});
