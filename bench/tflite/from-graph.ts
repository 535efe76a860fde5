import type { Graph, GraphNode } from '../../src/graph/graph';
import type { Activation } from '../../src/operators/epilogue';
import type { UnaryAttributes } from '../../src/operators/unary';
import type { Window } from '../../src/operators/window';
import { type Shape, Tensor } from '../../src/tensor';
import { permuted } from '../permuted';
import { ACTIVATION, type OperatorName, type OptionField, options, PADDING } from './schema';
import { type TfliteModel, type TfliteOperator, type TfliteTensor, writeTflite } from './writer';

/** A value of rank 4 is `[N, C, H, W]` in the Graph. `nhwc`: the file has it as `[N, H, W, C]`, as TensorFlow Lite wants. */
interface Held {
  readonly tensor: number;
  readonly nhwc: boolean;
}

/** Where the axes N, C, H and W lie in `[N, H, W, C]`. */
const NHWC_AXES = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

/**
 * Writes a graph as a `.tflite` file. Inputs and outputs have the graph's shapes, so that pictures are transposed on
 * their way in, as converters from ONNX have it.
 *
 * @param graph optimised: batch normalisation folded, activations fused
 * @throws Error naming an operator that the benchmark's networks do not have
 */
export const graphToTflite = (graph: Graph): Uint8Array => writeTflite(new Converter(graph).convert());

class Converter {
  readonly #tensors: TfliteTensor[] = [];
  readonly #operators: TfliteOperator[] = [];
  readonly #values = new Map<string, Held>();

  constructor(private readonly graph: Graph) {}

  convert(): TfliteModel {
    const { inputs, outputs, nodes, values } = this.graph;
    for (const input of inputs) {
      const tensor = this.#add({ name: input, shape: values.get(input)!.shape });
      this.#values.set(input, { tensor, nhwc: false });
    }
    for (const node of nodes) {
      if (node.outputs.length > 1) throw unknown(node);
      this.#values.set(node.outputs[0], this.#convert(node));
    }
    return {
      tensors: this.#tensors,
      operators: this.#operators,
      inputs: inputs.map((input) => this.#values.get(input)!.tensor),
      outputs: outputs.map((output) => this.#plain(this.#values.get(output)!)),
    };
  }

  #convert(node: GraphNode): Held {
    switch (node.op) {
      case 'conv2d':
        return this.#conv2d(node);
      case 'conv-transpose2d':
        return this.#convTranspose2d(node);
      case 'dense': {
        const [x, weight, bias] = node.inputs;
        const { fused, rest } = splitActivation(node.attributes.activation);
        const inputs = [this.#plain(this.#held(x)), this.#constant(weight), this.#constant(bias)];
        const y = this.#emit('FULLY_CONNECTED', inputs, this.#shapeOf(node), options.activation(fused));
        return this.#activated({ tensor: y, nhwc: false }, rest);
      }
      case 'max-pool2d':
      case 'average-pool2d':
        return this.#pool(node);
      case 'global-pool2d': {
        const x = this.#picture(node.inputs[0]);
        const operator = node.attributes.fn === 'mean' ? 'MEAN' : 'REDUCE_MAX';
        return this.#pictureOf(operator, [x, this.#numbers([1, 2])], this.#shapeOf(node), options.reducer());
      }
      case 'reduce': {
        const { fn, axes, keepDims } = node.attributes;
        if ((fn !== 'max' && fn !== 'mean') || !keepDims) throw unknown(node);
        const x = this.#held(node.inputs[0]);
        const places = this.#numbers(x.nhwc ? axes.map((axis) => NHWC_AXES[axis]) : axes);
        return this.#same(fn === 'max' ? 'REDUCE_MAX' : 'MEAN', [x.tensor, places], node, x.nhwc, options.reducer());
      }
      case 'resize2d':
        return this.#resize(node);
      case 'concat': {
        const { tensors, nhwc } = this.#alike(node.inputs);
        const axis = nhwc ? NHWC_AXES[node.attributes.axis] : node.attributes.axis;
        return this.#same('CONCATENATION', tensors, node, nhwc, options.concatenation(axis));
      }
      case 'binary': {
        const operator = BINARY[node.attributes.fn];
        if (!operator) throw unknown(node);
        const { tensors, nhwc } = this.#alike(node.inputs);
        const hasActivation = operator !== 'MAXIMUM' && operator !== 'MINIMUM';
        return this.#same(operator, tensors, node, nhwc, hasActivation ? options.activation(ACTIVATION.none) : []);
      }
      case 'unary':
        return this.#activated(this.#held(node.inputs[0]), node.attributes);
      case 'slice': {
        const { starts, steps, sizes } = node.attributes;
        const x = this.#held(node.inputs[0]);
        const ends = starts.map((start, axis) => start + steps[axis] * sizes[axis]);
        const lists = [starts, ends, steps].map((list) =>
          this.#numbers(x.nhwc ? TO_NHWC.map((axis) => list[axis]) : list),
        );
        return this.#same('STRIDED_SLICE', [x.tensor, ...lists], node, x.nhwc, options.none());
      }
      case 'pad': {
        const { mode, before, after, value } = node.attributes;
        if (mode !== 'constant' || value !== 0) throw unknown(node);
        const x = this.#held(node.inputs[0]);
        const axes = x.nhwc ? TO_NHWC : [...before.keys()];
        const paddings = this.#numbers(
          axes.flatMap((axis) => [before[axis], after[axis]]),
          [axes.length, 2],
        );
        return this.#same('PAD', [x.tensor, paddings], node, x.nhwc, options.none());
      }
      case 'reshape': {
        const shape = this.#shapeOf(node);
        const x = this.#plain(this.#held(node.inputs[0]));
        return { tensor: this.#emit('RESHAPE', [x, this.#numbers(shape)], shape, options.none()), nhwc: false };
      }
      case 'transpose':
        return this.#transpose(node);
      case 'softmax': {
        const shape = this.#shapeOf(node);
        if (node.attributes.log || node.attributes.axis !== shape.length - 1) throw unknown(node);
        const x = this.#plain(this.#held(node.inputs[0]));
        return { tensor: this.#emit('SOFTMAX', [x], shape, options.softmax()), nhwc: false };
      }
    }
    throw unknown(node);
  }

  #conv2d(node: GraphNode<'conv2d'>): Held {
    const { attributes } = node;
    const { stride, dilation, groups, residual } = attributes;
    const [, weightName, biasName, residualName] = node.inputs;
    const weight = this.graph.constants.get(weightName)!;
    const [outputs, perGroup, ...kernel] = weight.shape;
    const isDepthwise = groups > 1;
    if (isDepthwise && perGroup !== 1) throw unknown(node);
    const { fused, rest } = splitActivation(attributes.activation);
    const before = residual === 'before-activation' ? ACTIVATION.none : fused;
    const { x, padding } = this.#padded(node.inputs[0], { ...attributes, kernel: [kernel[0], kernel[1]] });
    // Weights are [O, KH, KW, I] or, for depthwise, [1, KH, KW, O].
    const laid = this.#weights(weightName, permuted(weight, isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1]));
    const inputs = [x, laid, this.#constant(biasName)];
    const shape = this.#shapeOf(node);
    const y = isDepthwise
      ? this.#pictureOf(
          'DEPTHWISE_CONV_2D',
          inputs,
          shape,
          options.depthwise(padding, stride, outputs / groups, before, dilation),
        )
      : this.#pictureOf('CONV_2D', inputs, shape, options.conv2d(padding, stride, before, dilation));
    if (residual === 'none') return this.#activated(y, rest);
    const add = (to: Held, activation: number): Held =>
      this.#pictureOf('ADD', [to.tensor, this.#picture(residualName)], shape, options.activation(activation));
    if (residual === 'before-activation') return this.#activated(add(y, fused), rest);
    return add(this.#activated(y, rest), ACTIVATION.none);
  }

  #convTranspose2d(node: GraphNode<'conv-transpose2d'>): Held {
    const { stride, dilation, padding, outputPadding, groups, activation, residual } = node.attributes;
    const isPlain = [...padding, ...outputPadding].every((p) => p === 0) && dilation.every((d) => d === 1);
    if (!isPlain || groups !== 1 || residual !== 'none') throw unknown(node);
    const [x, weightName, biasName] = node.inputs;
    // Weights are [O, KH, KW, I], from [I, O, KH, KW].
    const laid = this.#weights(weightName, permuted(this.graph.constants.get(weightName)!, [1, 2, 3, 0]));
    const shape = this.#shapeOf(node);
    const size = this.#numbers(toNhwc(shape));
    const inputs = [size, laid, this.#picture(x), this.#constant(biasName)];
    const y = this.#pictureOf('TRANSPOSE_CONV', inputs, shape, options.transposeConv(PADDING.valid, stride));
    return this.#activated(y, activation);
  }

  #pool(node: GraphNode<'max-pool2d' | 'average-pool2d'>): Held {
    const { kernel, stride, dilation } = node.attributes;
    if (dilation.some((d) => d !== 1)) throw unknown(node);
    const input = this.graph.values.get(node.inputs[0])!.shape;
    const sizes = this.#shapeOf(node).slice(2);
    // Padding that TensorFlow knows leaves the edge out of the mean, and never wins a maximum; zeros that PAD adds might.
    const padding = paddingOf(input.slice(2), node.attributes);
    const rounds = sizes.some((size, i) => size !== sizeAfter(input[2 + i], padding, kernel[i], stride[i]));
    if (padding === undefined || rounds) throw unknown(node);
    const operator = node.op === 'max-pool2d' ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D';
    const x = this.#picture(node.inputs[0]);
    return this.#pictureOf(operator, [x], this.#shapeOf(node), options.pool(padding, stride, kernel));
  }

  #resize(node: GraphNode<'resize2d'>): Held {
    const { mode, coordinates, rounding, size } = node.attributes;
    const inputs = [this.#picture(node.inputs[0]), this.#numbers(size)];
    if (mode === 'linear' && (coordinates === 'half-pixel' || coordinates === 'asymmetric')) {
      const fields = options.resizeBilinear(coordinates === 'half-pixel');
      return this.#pictureOf('RESIZE_BILINEAR', inputs, this.#shapeOf(node), fields);
    }
    if (mode === 'nearest' && coordinates === 'asymmetric' && rounding === 'floor') {
      return this.#pictureOf('RESIZE_NEAREST_NEIGHBOR', inputs, this.#shapeOf(node), options.none());
    }
    throw unknown(node);
  }

  #transpose(node: GraphNode<'transpose'>): Held {
    const { permutation } = node.attributes;
    const x = this.#held(node.inputs[0]);
    // These only say otherwise what the memory holds.
    if (permutation.join() === TO_NHWC.join() && x.nhwc) return { tensor: x.tensor, nhwc: false };
    if (permutation.join() === NHWC_AXES.join() && !x.nhwc) return { tensor: x.tensor, nhwc: true };
    return { tensor: this.#transposed(this.#plain(x), permutation), nhwc: false };
  }

  /** A picture with zeros around it where TensorFlow's two ways to pad do not do, and the way to pad it. */
  #padded(value: string, window: Omit<Window, 'ceilMode'>): { readonly x: number; readonly padding: number } {
    const x = this.#picture(value);
    const { shape } = this.#tensors[x];
    const padding = paddingOf(shape.slice(1, 3), window);
    if (padding !== undefined) return { x, padding };
    const [top, left, bottom, right] = window.padding;
    const [n, height, width, channels] = shape;
    const paddings = this.#numbers([0, 0, top, bottom, left, right, 0, 0], [4, 2]);
    const wider = [n, height + top + bottom, width + left + right, channels];
    return { x: this.#emit('PAD', [x, paddings], wider, options.none()), padding: PADDING.valid };
  }

  /** Applies what no operator before took with it. */
  #activated(x: Held, { fn, alpha, beta }: Activation | UnaryAttributes): Held {
    const { shape } = this.#tensors[x.tensor];
    const emit = (operator: OperatorName, ...inputs: number[]): Held => ({
      tensor: this.#emit(operator, inputs, shape, operator === 'MUL' ? options.activation(ACTIVATION.none) : []),
      nhwc: x.nhwc,
    });
    if (fn === 'identity') return x;
    if (fn === 'clip' && !(alpha === 0 && beta === 6)) {
      const least = emit('MAXIMUM', x.tensor, this.#scalar(alpha));
      return emit('MINIMUM', least.tensor, this.#scalar(beta));
    }
    if (fn === 'silu' && alpha === 1) return emit('MUL', x.tensor, emit('LOGISTIC', x.tensor).tensor);
    const operator = UNARY[fn];
    if (!operator) throw new Error(`function ${fn} has no counterpart in the mapping to TensorFlow Lite`);
    return emit(operator, x.tensor);
  }

  /** All values in one layout: `[N, H, W, C]` if all have rank 4 and one is in that layout already. */
  #alike(values: readonly string[]): { tensors: number[]; nhwc: boolean } {
    const held = values.map((value) => this.#held(value));
    const isPicture = values.every((value) => this.graph.values.get(value)!.shape.length === 4);
    const nhwc = isPicture && held.some((value) => value.nhwc);
    return { tensors: held.map((value) => (nhwc ? this.#asPicture(value) : this.#plain(value))), nhwc };
  }

  #same(
    operator: OperatorName,
    inputs: number[],
    node: GraphNode,
    nhwc: boolean,
    fields: readonly OptionField[],
  ): Held {
    const shape = this.#shapeOf(node);
    return { tensor: this.#emit(operator, inputs, nhwc ? toNhwc(shape) : shape, fields), nhwc };
  }

  #held(value: string): Held {
    return this.#values.get(value) ?? { tensor: this.#constant(value), nhwc: false };
  }

  #picture(value: string): number {
    return this.#asPicture(this.#held(value));
  }

  #asPicture({ tensor, nhwc }: Held): number {
    return nhwc ? tensor : this.#transposed(tensor, TO_NHWC);
  }

  /** In the Graph's layout. A picture of one pixel is the same in both layouts. */
  #plain({ tensor, nhwc }: Held): number {
    if (!nhwc) return tensor;
    const [n, height, width, channels] = this.#tensors[tensor].shape;
    if (height * width > 1) return this.#transposed(tensor, NHWC_AXES);
    const shape = [n, channels, 1, 1];
    return this.#emit('RESHAPE', [tensor, this.#numbers(shape)], shape, options.none());
  }

  #transposed(tensor: number, permutation: readonly number[]): number {
    const { shape, data, name } = this.#tensors[tensor];
    const moved = permutation.map((axis) => shape[axis]);
    if (data instanceof Float32Array) {
      return this.#add({
        name,
        shape: moved,
        data: permuted(Tensor.float32([...shape], data), permutation).data as Float32Array,
      });
    }
    return this.#emit('TRANSPOSE', [tensor, this.#numbers(permutation)], moved, options.none());
  }

  #pictureOf(operator: OperatorName, inputs: number[], shape: Shape, fields: readonly OptionField[]): Held {
    return { tensor: this.#emit(operator, inputs, toNhwc(shape), fields), nhwc: true };
  }

  #shapeOf(node: GraphNode): Shape {
    return this.graph.values.get(node.outputs[0])!.shape;
  }

  /** @returns the result's place */
  #emit(operator: OperatorName, inputs: readonly number[], shape: Shape, fields: readonly OptionField[]): number {
    const output = this.#add({ name: `${operator.toLowerCase()} ${this.#tensors.length}`, shape });
    this.#operators.push({ operator, inputs, outputs: [output], options: fields });
    return output;
  }

  #add(tensor: TfliteTensor): number {
    return this.#tensors.push(tensor) - 1;
  }

  /** A constant as the Graph has it. */
  #constant(name: string): number {
    const { shape, data } = this.graph.constants.get(name)!;
    return this.#weights(name, { shape, data });
  }

  #weights(name: string, { shape, data }: Pick<Tensor, 'shape' | 'data'>): number {
    const numbers = data instanceof Int32Array ? data : Float32Array.from(data);
    return this.#add({ name, shape, data: numbers });
  }

  #numbers(values: readonly number[], shape: Shape = [values.length]): number {
    return this.#add({ name: `numbers ${this.#tensors.length}`, shape, data: Int32Array.from(values) });
  }

  #scalar(value: number): number {
    return this.#add({ name: `scalar ${this.#tensors.length}`, shape: [1], data: Float32Array.of(value) });
  }
}

const BINARY: Readonly<Record<string, OperatorName>> = {
  add: 'ADD',
  sub: 'SUB',
  mul: 'MUL',
  div: 'DIV',
  max: 'MAXIMUM',
  min: 'MINIMUM',
};

const UNARY: Readonly<Record<string, OperatorName>> = {
  relu: 'RELU',
  relu6: 'RELU6',
  clip: 'RELU6',
  sigmoid: 'LOGISTIC',
  tanh: 'TANH',
  exp: 'EXP',
  'hard-swish': 'HARD_SWISH',
};

const unknown = ({ op, name, attributes }: GraphNode): Error =>
  new Error(`${op} "${name}" has no counterpart in the mapping to TensorFlow Lite: ${JSON.stringify(attributes)}`);

const toNhwc = (shape: Shape): number[] => TO_NHWC.map((axis) => shape[axis]);

const NOTHING: Activation = { fn: 'identity', alpha: 0, beta: 0 };

/** What an operator does with its sum at once, and what another has to do after it. */
function splitActivation(activation: Activation): { readonly fused: number; readonly rest: Activation } {
  const { fn, alpha, beta } = activation;
  if (fn === 'relu') return { fused: ACTIVATION.relu, rest: NOTHING };
  const isRelu6 = fn === 'relu6' || (fn === 'clip' && alpha === 0 && beta === 6);
  return isRelu6 ? { fused: ACTIVATION.relu6, rest: NOTHING } : { fused: ACTIVATION.none, rest: activation };
}

/** TensorFlow's way to pad that is the same; undefined where neither is. */
function paddingOf(
  sizes: readonly number[],
  { kernel, stride, dilation, padding }: Omit<Window, 'ceilMode'>,
): number | undefined {
  if (padding.every((p) => p === 0)) return PADDING.valid;
  const same = sizes.map((size, axis) => {
    const reach = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(0, (Math.ceil(size / stride[axis]) - 1) * stride[axis] + reach - size);
  });
  const expected = [...same.map((total) => Math.floor(total / 2)), ...same.map((total) => Math.ceil(total / 2))];
  return padding.join() === expected.join() ? PADDING.same : undefined;
}

/** The size that TensorFlow gives a window's output. */
const sizeAfter = (size: number, padding: number | undefined, kernel: number, stride: number): number =>
  Math.ceil((padding === PADDING.same ? size : size - kernel + 1) / stride);
