import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import type { Operator, OperatorAttributes } from '../../src/operators';
import { type Epilogue, NO_EPILOGUE } from '../../src/operators/epilogue';
import { type Shape, sameShape, sizeOf, Tensor } from '../../src/tensor';
import { Random } from './random';

/** Values with more elements are not used again, so that a network stays small. */
const MOST_ELEMENTS = 3000;
const CHANNELS = [1, 2, 3, 4, 5, 6, 8, 9, 12] as const;

/** A network of operators drawn at random over small pictures, each on the last value or any earlier one. */
export function randomNetwork(seed: number): { graph: Graph; inputs: Record<string, Tensor> } {
  const sketch = new Sketch(seed);
  const count = 3 + sketch.below(9);
  while (sketch.made.length < count) sketch.grow();
  const outputs = new Set([sketch.made.at(-1)!, ...(sketch.chance(0.5) ? [sketch.pick(sketch.made)] : [])]);
  return { graph: sketch.build([...outputs]), inputs: sketch.given };
}

/** Sums of a few hundred float32 numbers, through up to a dozen layers. */
export const RANDOM_NETWORK_TOLERANCE = { ofLargest: 2e-4, absolute: 2e-10 };

class Sketch extends GraphBuilder {
  readonly #random: Random;
  readonly given: Record<string, Tensor> = {};
  readonly made: string[] = [];

  constructor(seed: number) {
    super(`random ${seed}`);
    this.#random = new Random(seed * 7919 + 13);
    const [batch, height, width] = [1 + this.below(2), 1 + this.below(5), 1 + this.below(5)];
    for (let i = 0; i <= this.below(2); i++) {
      const tensor = this.#random.tensor([batch, this.pick(CHANNELS), height, width]);
      this.given[this.input(`x${i}`, tensor.shape)] = tensor;
    }
  }

  below(count: number): number {
    return Math.floor(this.#random.next() * count);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  weights(shape: Shape, low = -1, high = 1): string {
    return this.constant('w', this.#random.tensor(shape, low, high));
  }

  put<O extends Operator>(op: O, inputs: readonly string[], attributes: OperatorAttributes[O]): void {
    this.made.push(...this.add(op, inputs, attributes));
  }

  /** Another value of the same shape, or the value itself. */
  beside(x: string, fits: (shape: Shape) => boolean = (shape) => sameShape(shape, this.shape(x))): string {
    return this.pick(this.#floats().filter((value) => fits(this.shape(value))));
  }

  /** Draws an operator and adds it if it fits. */
  grow(): void {
    const usable = this.#floats().filter((value) => sizeOf(this.shape(value)) <= MOST_ELEMENTS);
    const last = usable.at(-1)!;
    const x = this.chance(0.6) ? last : this.pick(usable);
    const shape = this.shape(x);
    const steps = shape.length === 4 ? [...anyRank, ...images, ...images] : shape.length > 0 ? anyRank : [];
    if (steps.length > 0) this.pick(steps)(this, x, shape);
  }

  #floats(): string[] {
    const values = [...Object.keys(this.given), ...this.made];
    return values.filter((value) => this.info(value).dtype === 'float32');
  }
}

type Step = (s: Sketch, x: string, shape: Shape) => void;

const anyRank: readonly Step[] = [
  (s, x, shape) => {
    const axis = s.below(shape.length);
    const fits = (other: Shape) => other.length === shape.length && sameShape(other.with(axis, 0), shape.with(axis, 0));
    s.put('concat', [x, ...Array.from({ length: 1 + s.below(3) }, () => s.beside(x, fits))], { axis });
  },
  (s, x, shape) => {
    const axis = s.below(shape.length);
    const first = s.chance(0.5) ? 4 : 1 + s.below(shape[axis] - 1);
    if (first < shape[axis]) s.put('split', [x], { axis, sizes: [first, shape[axis] - first] });
  },
  (s, x, shape) => {
    const steps = shape.map(() => (s.chance(0.7) ? 1 : s.pick([2, -1, -2])));
    const starts = shape.map((d, axis) => (s.chance(0.6) ? (steps[axis] > 0 ? 0 : d - 1) : s.below(d)));
    const sizes = shape.map((d, axis) => {
      const left = steps[axis] > 0 ? d - starts[axis] : starts[axis] + 1;
      const most = Math.ceil(left / Math.abs(steps[axis]));
      return s.chance(0.6) ? most : 1 + s.below(most);
    });
    s.put('slice', [x], { starts, steps, sizes });
  },
  (s, x, shape) => {
    const keys = shape.map(() => s.below(100));
    const permutation = shape.map((_, axis) => axis).sort((a, b) => keys[a] - keys[b]);
    s.put('transpose', [x], { permutation });
  },
  (s, x, shape) => {
    const size = sizeOf(shape);
    const [first, ...rest] = shape;
    const shapes = [[size], [first, size / first], [first, size / first, 1, 1], [1, ...shape], [...rest, first]];
    s.put('reshape', [x], { shape: s.pick(size % 4 === 0 ? [...shapes, [1, 4, 1, size / 4], [size / 4, 4]] : shapes) });
  },
  (s, x) => {
    const fn = s.pick(['relu', 'neg', 'sigmoid', 'abs', 'identity', 'clip'] as const);
    s.put('unary', [x], { fn, alpha: -0.5, beta: 0.5 });
  },
  (s, x) => s.put('binary', [x, s.beside(x)], { fn: s.pick(['add', 'mul', 'sub', 'max'] as const) }),
  (s, x, shape) => {
    const k = s.weights(shape.map((d, axis) => (axis === 1 || s.chance(0.3) ? d : 1)));
    s.put('binary', s.chance(0.5) ? [x, k] : [k, x], { fn: s.pick(['add', 'mul', 'sub'] as const) });
  },
  (s, x, shape) => s.put('softmax', [x], { axis: s.below(shape.length), log: false }),
  (s, x, shape) => {
    const fn = s.pick(['mean', 'sum', 'max'] as const);
    s.put('reduce', [x], { fn, axes: [s.below(shape.length)], keepDims: s.chance(0.7) });
  },
  (s, x, shape) => {
    const amounts = () => shape.map(() => (s.chance(0.3) ? s.below(3) : 0));
    s.put('pad', [x], { mode: 'constant', before: amounts(), after: amounts(), value: s.pick([0, 1.5]) });
  },
  (s, x, shape) => {
    const outputs = s.pick([1, 3, 4, 7, 8]);
    s.put('dense', [x, s.weights([outputs, shape.at(-1)!]), s.weights([outputs])], NO_EPILOGUE);
  },
  (s, x, shape) => {
    if (shape.length < 2) return;
    const vectors = [0, 1, 2].map(() => s.weights([shape[1]]));
    s.put('batch-norm', [x, ...vectors, s.weights([shape[1]], 0.5, 2)], { epsilon: 1e-5 });
  },
  (s, x, shape) => {
    if (shape.length >= 3) s.put('instance-norm', [x, s.weights([shape[1]]), s.weights([shape[1]])], { epsilon: 0.1 });
  },
  (s, x, shape) => {
    const axis = s.below(shape.length);
    const normalised = shape.slice(axis);
    s.put('layer-norm', [x, s.weights(normalised), s.weights(normalised)], { axis, epsilon: 0.1 });
  },
  (s, x) => {
    const other = s.beside(x);
    const [condition] = s.add('binary', [x, other], { fn: s.pick(['less', 'greater'] as const) });
    s.put('where', [condition, other, s.beside(x)], {});
  },
  (s, x, shape) => {
    const axis = s.below(shape.length);
    const indices = s.constant('i', Tensor.int32([3], [0, -1, s.below(shape[axis])]));
    s.put('gather', [x, indices], { axis });
  },
  (s, x, shape) => s.put('tile', [x], { repeats: shape.map(() => (s.chance(0.3) ? 2 : 1)) }),
  (s, x, shape) => s.put('expand', [x], { shape: shape.map((d) => (d === 1 ? 1 + s.below(4) : d)) }),
];

const window = (side: 1 | 3) => {
  const before = (side - 1) / 2;
  return { stride: [1, 1], dilation: [1, 1], padding: [before, before, before, before], groups: 1 } as const;
};

function convolve(s: Sketch, x: string, channels: number, side: 1 | 3, epilogue: Epilogue = NO_EPILOGUE): string {
  const weight = s.weights([channels, s.shape(x)[1], side, side]);
  s.put('conv2d', [x, weight, s.weights([channels])], { ...epilogue, ...window(side) });
  return s.made.at(-1)!;
}

const images: readonly Step[] = [
  (s, x) => void convolve(s, x, s.pick(CHANNELS), s.pick([1, 1, 3])),
  (s, x, [, channels]) => {
    const y = convolve(s, x, channels, 1);
    s.put('binary', s.chance(0.5) ? [x, y] : [y, x], { fn: 'add' });
    if (s.chance(0.5)) s.put('unary', [s.made.at(-1)!], { fn: 'relu', alpha: 0, beta: 0 });
  },
  (s, x, [, channels, height, width]) => {
    const groups = s.pick([1, channels, 2]);
    if (channels % groups !== 0) return;
    const outputs = groups === channels ? channels : groups * s.pick([1, 2, 4]);
    const kernel = [1 + s.below(3), 1 + s.below(4)];
    const dilation = [1 + s.below(2), 1 + s.below(2)] as const;
    const padding = [s.below(3), s.below(3), s.below(3), s.below(3)] as const;
    const [top, left, bottom, right] = padding;
    if (height + top + bottom <= dilation[0] * (kernel[0] - 1)) return;
    if (width + left + right <= dilation[1] * (kernel[1] - 1)) return;
    const inputs = [x, s.weights([outputs, channels / groups, ...kernel]), s.weights([outputs])];
    s.put('conv2d', inputs, { ...NO_EPILOGUE, stride: [1 + s.below(3), 1 + s.below(2)], dilation, padding, groups });
  },
  (s, x, [, channels]) => {
    const groups = s.pick([1, 1, 2, channels]);
    if (channels % groups !== 0) return;
    const outputs = s.pick([1, 3, 4]);
    const inputs = [x, s.weights([channels, outputs, 1 + s.below(3), 2 + s.below(3)]), s.weights([outputs * groups])];
    const attributes = { stride: [1 + s.below(3), 1 + s.below(2)], dilation: [1, 1 + s.below(2)], groups } as const;
    s.put('conv-transpose2d', inputs, {
      ...NO_EPILOGUE,
      ...attributes,
      padding: [0, 0, 0, 0],
      outputPadding: [0, 0],
    });
  },
  (s, x, [, , height, width]) => {
    const scale = s.pick([
      [2, 2],
      [1, 2],
    ] as const);
    s.put('resize2d', [x], {
      mode: s.pick(['nearest', 'linear'] as const),
      coordinates: 'half-pixel',
      rounding: 'round-prefer-floor',
      size: [height * scale[0], width * scale[1]],
      scale,
      cubicA: -0.75,
    });
  },
  (s, x, [, , , width]) =>
    s.put(s.pick(['max-pool2d', 'average-pool2d'] as const), [x], {
      kernel: [1, Math.min(1 + s.below(2), width)],
      stride: [1 + s.below(2), 1 + s.below(2)],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
      ceilMode: s.chance(0.5),
      countIncludePad: false,
    }),
  (s, x) => s.put('global-pool2d', [x], { fn: s.pick(['mean', 'max'] as const) }),
  (s, x, [, channels, height, width]) => {
    if (channels % 4 === 0) s.put('depth-to-space', [x], { blockSize: 2, mode: s.pick(['dcr', 'crd'] as const) });
    else if (height % 2 === 0 && width % 2 === 0) s.put('space-to-depth', [x], { blockSize: 2 });
  },
];
