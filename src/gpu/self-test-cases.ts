import { GraphBuilder } from '../graph/builder';
import type { Graph } from '../graph/graph';
import type { Operator, OperatorAttributes } from '../operators';
import { NO_ACTIVATION, NO_EPILOGUE } from '../operators/epilogue';
import { type Shape, sizeOf, Tensor } from '../tensor';

/** One operator whose kernels are tried, with inputs for two frames and what both must give. */
export interface SelfTestCase {
  readonly name: string;
  readonly graph: Graph;
  /** The name of the node that is tried. */
  readonly node: string;
  readonly frames: readonly [Readonly<Record<string, Tensor>>, Readonly<Record<string, Tensor>>];
  /** {@link hashOf} the outputs, by frame. */
  readonly answers: readonly [number, number];
}

/** Small whole numbers that look irregular: sums of them are exact in float16, too. */
function numbers(shape: Shape, seed: number, most = 1): Tensor {
  const data = new Float32Array(sizeOf(shape));
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = Math.round((state / 2 ** 32) * 2 * most) - most;
  }
  return Tensor.float32(shape, data);
}

/** One number for all outputs of a frame, each rounded to a whole one (FNV-1a). */
export function hashOf(outputs: readonly Tensor[]): number {
  let hash = 0x811c9dc5;
  for (const { data } of outputs) {
    for (const value of data) {
      const whole = Number.isFinite(value) ? Math.round(value) | 0 : 0x7fffffff;
      hash = Math.imul(hash ^ whole, 0x01000193);
    }
  }
  return hash >>> 0;
}

type Build = (b: GraphBuilder) => string[];

/** 64 products that add up to more than float16 holds, before as many take them away. */
function largeSums(): Tensor {
  const weight = numbers([4, 128, 1, 1], 3);
  for (let i = 0; i < weight.data.length; i++) {
    const channel = i % 128;
    if (channel < 127) weight.data[i] = channel < 63 ? 1 : channel < 126 ? -1 : 0;
  }
  return weight;
}

const conv = (
  b: GraphBuilder,
  x: string,
  weight: Tensor,
  more: Partial<OperatorAttributes['conv2d']> = {},
): string[] => {
  const kernel = weight.shape[2];
  const side = Math.floor(kernel / 2);
  const inputs = [x, b.constant('weight', weight), b.constant('bias', numbers([weight.shape[0]], 9, 3))];
  const attributes = {
    ...NO_EPILOGUE,
    stride: [1, 1],
    dilation: [1, 1],
    padding: [side, side, side, side],
    groups: 1,
    ...more,
  } as const;
  return b.add('conv2d', inputs, attributes, 'tried');
};

const single = <O extends Operator>(b: GraphBuilder, op: O, x: readonly string[], attributes: OperatorAttributes[O]) =>
  b.add(op, x, attributes, 'tried');

const window2 = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0], ceilMode: false } as const;
const relu = { activation: { ...NO_ACTIVATION, fn: 'relu' }, residual: 'none' } as const;

/** What each kernel family has to do, from the input `x` on. */
const BUILDS: Readonly<Record<string, Build>> = {
  'convolution 1×1': (b) => conv(b, b.input('x', [1, 8, 6, 6]), numbers([12, 8, 1, 1], 2), relu),
  'convolution 3×3': (b) => conv(b, b.input('x', [1, 8, 13, 13]), numbers([8, 8, 3, 3], 2)),
  'large sums': (b) => {
    const base = Tensor.float32(
      [1, 128, 1, 1],
      Array.from({ length: 128 }, (_, channel) => (channel < 126 ? 1500 : 0)),
    );
    const [x] = b.add('binary', [b.input('x', [1, 128, 2, 2]), b.constant('base', base)], { fn: 'add' });
    return conv(b, x, largeSums());
  },
  depthwise: (b) => conv(b, b.input('x', [1, 12, 9, 9]), numbers([12, 1, 3, 3], 2), { groups: 12 }),
  'first layer': (b) => conv(b, b.input('x', [1, 3, 12, 12]), numbers([8, 3, 3, 3], 2), { stride: [2, 2] }),
  'transposed convolution': (b) => {
    const inputs = [b.input('x', [1, 8, 5, 5]), b.constant('weight', numbers([8, 4, 2, 2], 2))];
    const bias = b.constant('bias', numbers([4], 9, 3));
    const slide = {
      stride: [2, 2],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
      outputPadding: [0, 0],
      groups: 1,
    } as const;
    return single(b, 'conv-transpose2d', [...inputs, bias], { ...NO_EPILOGUE, ...slide });
  },
  'fully connected': (b) => {
    const weights = [b.constant('weight', numbers([10, 70], 2)), b.constant('bias', numbers([10], 9, 3))];
    return single(b, 'dense', [b.input('x', [2, 70]), ...weights], NO_EPILOGUE);
  },
  'matrix product': (b) =>
    single(b, 'matmul', [b.input('x', [2, 9, 17]), b.constant('other', numbers([17, 6], 2))], {}),
  sums: (b) => single(b, 'reduce', [b.input('x', [5, 600])], { fn: 'sum', axes: [1], keepDims: false }),
  'maxima of maps': (b) => single(b, 'global-pool2d', [b.input('x', [2, 6, 8, 8])], { fn: 'max' }),
  // So large are the numbers that one is 1, and the others 0.
  softmax: (b) => single(b, 'softmax', [b.input('x', [3, 300])], { axis: 1, log: false }),
  'order of rows': (b) => single(b, 'top-k', [b.input('x', [2, 200])], { axis: 1, k: 9, largest: true }),
  'maxima of windows': (b) => single(b, 'max-pool2d', [b.input('x', [1, 6, 8, 8])], window2),
  'a larger picture': (b) => {
    const scale = { size: [10, 10], scale: [2, 2], coordinates: 'half-pixel', rounding: 'floor' } as const;
    return single(b, 'resize2d', [b.input('x', [1, 5, 5, 5])], { ...scale, mode: 'nearest', cubicA: -0.75 });
  },
  'axes in another order': (b) => single(b, 'transpose', [b.input('x', [1, 6, 5, 4])], { permutation: [0, 2, 3, 1] }),
  arithmetic: (b) =>
    single(b, 'binary', [b.input('x', [1, 6, 5, 5]), b.constant('other', numbers([1, 6, 1, 1], 2, 4))], { fn: 'mul' }),
  functions: (b) => single(b, 'unary', [b.input('x', [1, 6, 5, 5])], { ...NO_ACTIVATION, fn: 'abs' }),
  // Scores differ by so much that a query takes one value.
  attention: (b) => {
    const memory = [b.constant('keys', numbers([2, 20, 8], 2, 9)), b.constant('values', numbers([2, 20, 8], 3, 9))];
    return single(b, 'attention', [b.input('x', [2, 7, 8]), ...memory], { scale: 32 });
  },
  suppression: (b) => {
    const scores = b.input('x', [1, 1, 70]);
    const how = { scoreLayout: 'class-first', boxFormat: 'corners', firstClass: 0, maxPerClass: 70 } as const;
    const boxes = b.constant('boxes', numbers([1, 70, 4], 2, 8));
    return single(b, 'non-maximum-suppression', [boxes, scores], { ...how, iouThreshold: 0.31, scoreThreshold: 0 });
  },
  'rows by number': (b) => {
    const rows = b.constant('rows', Tensor.int32([2, 4], [8, 0, -1, 3, 3, -9, 5, 2]));
    return single(b, 'gather', [b.input('x', [3, 9, 5]), rows], { axis: 1 });
  },
  'sums by number': (b) => {
    const places = Array.from({ length: 90 }, (_, i) => (i * 7) % 13);
    const rows = [b.constant('rows', Tensor.int32([90], places)), b.constant('updates', numbers([90, 5], 2, 3))];
    return single(b, 'scatter', [b.input('x', [12, 5]), ...rows], { reduction: 'add' });
  },
};

/** The largest number of an input, where it is not 1. */
const MOST: Readonly<Record<string, number>> = {
  'maxima of maps': 400,
  softmax: 1000,
  arithmetic: 9,
  functions: 9,
  sums: 2,
  attention: 9,
  suppression: 900,
  'rows by number': 9,
  'sums by number': 9,
};

/** Kept in step with the reference by a test, which says what an answer must be. */
const ANSWERS: Readonly<Record<string, readonly [number, number]>> = {
  'convolution 1×1': [62945023, 1349143468],
  'convolution 3×3': [3827379429, 958828514],
  'large sums': [19488909, 1959496751],
  depthwise: [3749665256, 3195078853],
  'first layer': [14964302, 3490502749],
  'transposed convolution': [2464443309, 4010342863],
  'fully connected': [3974510159, 2083209714],
  'matrix product': [3798765714, 4257788232],
  sums: [1279620185, 2551175446],
  'maxima of maps': [2650954829, 4069117520],
  softmax: [2450403698, 2915262216],
  'order of rows': [1952196216, 155790876],
  'maxima of windows': [2559556370, 3905457404],
  'a larger picture': [2967839804, 2965123215],
  'axes in another order': [3435472481, 2350349056],
  arithmetic: [599607001, 6834534],
  functions: [1215765198, 2824506411],
  attention: [940139365, 103492110],
  suppression: [86610049, 448928292],
  'rows by number': [245087576, 1796584177],
  'sums by number': [4225987828, 2900807888],
};

export function selfTestCases(): SelfTestCase[] {
  return Object.entries(BUILDS).map(([name, build]) => {
    const b = new GraphBuilder(`self-test, ${name}`);
    const graph = b.build(build(b));
    const { shape } = graph.values.get('x')!;
    const frame = (seed: number) => ({ x: numbers(shape, seed, MOST[name] ?? 1) });
    return { name, graph, node: 'tried', frames: [frame(21), frame(34)], answers: ANSWERS[name] ?? [0, 0] };
  });
}
