import { GraphBuilder } from '../graph/builder';
import type { Graph } from '../graph/graph';
import type { BinaryFunction } from '../operators/binary';
import { NO_ACTIVATION, NO_EPILOGUE } from '../operators/epilogue';
import type { ReduceFunction } from '../operators/reduce';
import type { UnaryFunction } from '../operators/unary';
import { type Shape, Tensor } from '../tensor';

/** Weights of red, green and blue in brightness. ITU-R BT.601, section 2.5.1. */
const BRIGHTNESS = [0.299, 0.587, 0.114];

/** A network that is there already, to which nodes are added: before its input, and behind its outputs. */
export class NetworkTail extends GraphBuilder {
  readonly #renamed = new Map<string, string>();

  /**
   * @param graph its first input takes a picture: float32 or int32, of three channels or one, in either order of axes
   * @param options `given`: values of its other inputs; `asItIs`: its input stays, whatever it is
   */
  constructor(
    graph: Graph,
    options: { readonly given?: Readonly<Record<string, Tensor>>; readonly asItIs?: boolean } = {},
  ) {
    super(graph.name);
    const [picture, ...others] = graph.inputs;
    this.#rename(graph);
    const { given = {}, asItIs = false } = options;
    if (asItIs) others.unshift(picture);
    else this.#addPicture(graph, picture);
    for (const name of others) {
      if (Object.hasOwn(given, name)) this.constant(this.own(name), given[name]);
      else this.input(this.own(name), graph.values.get(name)!.shape, graph.values.get(name)!.dtype);
    }
    for (const [name, tensor] of graph.constants) this.constant(this.own(name), tensor);
    for (const { op, inputs, attributes, name, outputs } of graph.nodes) {
      const [read, made] = [inputs, outputs].map((values) => values.map((value) => this.own(value)));
      this.add(op, read, attributes, name, made);
    }
    for (const [value, rows] of graph.rowCounts ?? []) {
      this.limitRows(this.own(value), this.own(rows), graph.rowAxes?.get(value));
    }
  }

  /** The name here of one of the network's values: those that tasks read are kept for them. */
  own(value: string): string {
    return this.#renamed.get(value) ?? value;
  }

  #rename({ values }: Graph): void {
    for (const value of TASK_OUTPUTS) {
      if (!values.has(value)) continue;
      let name = `${value}.own`;
      while (values.has(name)) name += "'";
      this.#renamed.set(value, name);
    }
  }

  /** Declares the picture; networks for grey pictures or for bytes get theirs by nodes of their own. */
  #addPicture({ values }: Graph, input: string): void {
    const { shape, dtype } = values.get(input)!;
    const name = this.own(input);
    const [, a, b, c] = shape;
    const isGrey = a !== 3 && c !== 3;
    if (!isGrey && dtype === 'float32') {
      this.input(name, shape, dtype);
      return;
    }
    const free = (wanted: string): string => (values.has(wanted) ? free(`${wanted}'`) : wanted);
    const [height, width] = a === 1 || a === 3 ? [b, c] : [a, b];
    let x = this.input(free('picture'), isGrey ? [1, 3, height, width] : shape);
    if (isGrey) {
      const weight = this.constant(free('brightness'), Tensor.float32([1, 3, 1, 1], BRIGHTNESS));
      const bias = this.constant(free('brightness.bias'), Tensor.float32([1]));
      const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
      const isLast = dtype === 'float32' && a === 1;
      [x] = this.add(
        'conv2d',
        [x, weight, bias],
        { ...NO_EPILOGUE, ...window },
        free('grey'),
        isLast ? [name] : undefined,
      );
      if (isLast) return;
      if (a !== 1)
        [x] = this.add('reshape', [x], { shape }, free('grey.last'), dtype === 'float32' ? [name] : undefined);
      if (dtype === 'float32') return;
    }
    x = this.unary('round', x);
    this.add('cast', [x], { to: dtype }, free('bytes'), [name]);
  }

  unary(fn: UnaryFunction, x: string, output?: string): string {
    return this.add('unary', [x], { ...NO_ACTIVATION, fn }, output, listed(output))[0];
  }

  /** Of two values, or of a value and a number. */
  binary(fn: BinaryFunction, a: string, b: string | number, output?: string): string {
    const operand = typeof b === 'string' ? b : this.constant('number', scalar(b, this.info(a).dtype));
    return this.add('binary', [a, operand], { fn }, output, listed(output))[0];
  }

  reshape(x: string, shape: Shape, output?: string): string {
    return this.add('reshape', [x], { shape }, output, listed(output))[0];
  }

  transpose(x: string, permutation: readonly number[]): string {
    return this.add('transpose', [x], { permutation })[0];
  }

  /** The part of one axis from an index, up to another or to the end. */
  slice(x: string, axis: number, from: number, to: number = this.shape(x)[axis], step = 1): string {
    const shape = this.shape(x);
    const size = Math.ceil((to - from) / step);
    if (from === 0 && size === shape[axis]) return x;
    const attributes = {
      starts: shape.map((_, k) => (k === axis ? from : 0)),
      steps: shape.map((_, k) => (k === axis ? step : 1)),
      sizes: shape.with(axis, size),
    };
    return this.add('slice', [x], attributes)[0];
  }

  concat(inputs: readonly string[], axis: number, output?: string): string {
    return inputs.length === 1 && output === undefined
      ? inputs[0]
      : this.add('concat', inputs, { axis }, output, listed(output))[0];
  }

  softmax(x: string, axis: number, output?: string): string {
    return this.add('softmax', [x], { axis, log: false }, output, listed(output))[0];
  }

  reduce(fn: ReduceFunction, x: string, axis: number): string {
    return this.add('reduce', [x], { fn, axes: [axis], keepDims: true })[0];
  }

  where(condition: string, a: string, b: string): string {
    return this.add('where', [condition, a, b], {})[0];
  }

  gather(x: string, indices: string, axis: number, output?: string): string {
    return this.add('gather', [x, indices], { axis }, output, listed(output))[0];
  }

  cast(x: string, to: 'float32' | 'int32' | 'bool'): string {
    return this.info(x).dtype === to ? x : this.add('cast', [x], { to })[0];
  }

  numbers(name: string, shape: Shape, values: ArrayLike<number>): string {
    return this.constant(name, Tensor.float32(shape, values));
  }
}

/** The names of the values that tasks read. */
const TASK_OUTPUTS: ReadonlySet<string> = new Set([
  'probabilities',
  'detections',
  'logits',
  'keypoints',
  'coefficients',
  'prototypes',
  'matte',
  'depth',
  'transformed',
  'embedding',
]);

/** A node of the network may have the name, but no value. */
const listed = (output: string | undefined): string[] | undefined => (output === undefined ? undefined : [output]);

const scalar = (value: number, dtype: string): Tensor =>
  dtype === 'int32' ? Tensor.int32([1], [value]) : Tensor.float32([1], [value]);
