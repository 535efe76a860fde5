import { expect, test } from 'vitest';
import { loadNetwork, NETWORK_NAMES } from '../../bench/networks';
import { graphToTflite } from '../../bench/tflite/from-graph';
import { OPERATORS } from '../../bench/tflite/schema';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { PASSES } from '../../src/graph/passes';
import { foldConstants } from '../../src/graph/passes/fold-constants';
import { optimiseWith } from '../../src/graph/passes/pass';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference, runReferenceNode } from '../../src/reference';
import { sizeOf, Tensor } from '../../src/tensor';
import { runLiteRt } from '../support/litert';
import { Random } from '../support/random';
import { readTflite } from '../support/read-tflite';

const random = new Random(3);
const builderOf = () => new GraphBuilder('net');
const weights = (builder: GraphBuilder, name: string, ...shape: number[]): string =>
  builder.constant(name, random.tensor(shape, -0.5, 0.5));

const CONV = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
const POOL = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], ceilMode: false } as const;

/** A network of one operator or a few. */
type Build = (builder: GraphBuilder, x: string) => string;

/** By name: a picture of 5 channels, 9 rows and 12 columns goes in. */
const CASES: Readonly<Record<string, Build>> = {
  'a convolution': (b, x) => b.add('conv2d', [x, weights(b, 'w', 6, 5, 3, 2), weights(b, 'b', 6)], CONV)[0],
  'stride, and padding as TensorFlow’s': (b, x) =>
    b.add('conv2d', [x, weights(b, 'w', 6, 5, 3, 3), weights(b, 'b', 6)], {
      ...CONV,
      stride: [2, 2],
      padding: [1, 0, 1, 1],
    })[0],
  'stride, and padding that TensorFlow has not': (b, x) =>
    b.add('conv2d', [x, weights(b, 'w', 6, 5, 3, 3), weights(b, 'b', 6)], {
      ...CONV,
      stride: [2, 2],
      padding: [1, 1, 1, 1],
    })[0],
  'unequal strides and dilations': (b, x) =>
    b.add('conv2d', [x, weights(b, 'w', 4, 5, 2, 3), weights(b, 'b', 4)], {
      ...CONV,
      stride: [2, 1],
      dilation: [1, 2],
    })[0],
  'a depthwise convolution with two outputs a channel': (b, x) =>
    b.add('conv2d', [x, weights(b, 'w', 10, 1, 3, 3), weights(b, 'b', 10)], {
      ...CONV,
      groups: 5,
      padding: [1, 1, 1, 1],
    })[0],
  'a transposed convolution': (b, x) =>
    b.add('conv-transpose2d', [x, weights(b, 'w', 5, 7, 2, 2), weights(b, 'b', 7)], {
      ...CONV,
      stride: [2, 2],
      outputPadding: [0, 0],
    })[0],
  'a dense layer after a mean': (b, x) => {
    const [mean] = b.add('global-pool2d', [x], { fn: 'mean' });
    const [flat] = b.add('reshape', [mean], { shape: [1, 5] });
    const [y] = b.add('dense', [flat, weights(b, 'w', 8, 5), weights(b, 'b', 8)], NO_EPILOGUE);
    return b.add('softmax', [y], { axis: 1, log: false })[0];
  },
  'a global maximum': (b, x) => b.add('global-pool2d', [x], { fn: 'max' })[0],
  'a maximum of channels, taken from each': (b, x) => {
    const y = CASES['a convolution'](b, x);
    const [most] = b.add('reduce', [y], { fn: 'max', axes: [1], keepDims: true });
    return b.add('binary', [y, most], { fn: 'sub' })[0];
  },
  'maximum pooling with stride': (b, x) => b.add('max-pool2d', [x], { ...POOL, stride: [2, 2] })[0],
  'maximum pooling that keeps the size': (b, x) => b.add('max-pool2d', [x], { ...POOL, padding: [1, 1, 1, 1] })[0],
  'average pooling': (b, x) =>
    b.add('average-pool2d', [x], { ...POOL, kernel: [3, 4], stride: [3, 4], countIncludePad: false })[0],
  'bilinear, half-pixel': (b, x) => resize(b, x, 'linear', 'half-pixel'),
  'bilinear, asymmetric': (b, x) => resize(b, x, 'linear', 'asymmetric'),
  nearest: (b, x) => resize(b, x, 'nearest', 'asymmetric'),
  'concatenation of channels': (b, x) => {
    const [y] = b.add('unary', [x], { ...NO_ACTIVATION, fn: 'relu' });
    return b.add('concat', [x, y], { axis: 1 })[0];
  },
  'a slice with steps': (b, x) =>
    b.add('slice', [x], { starts: [0, 1, 0, 1], steps: [1, 1, 2, 3], sizes: [1, 4, 4, 3] })[0],
  'zeros around': (b, x) =>
    b.add('pad', [x], { mode: 'constant', before: [0, 0, 1, 2], after: [0, 0, 3, 0], value: 0 })[0],
  'a transposition': (b, x) => b.add('transpose', [x], { permutation: [0, 3, 1, 2] })[0],
  'a picture in rows': (b, x) => {
    const y = CASES['a convolution'](b, x);
    const [moved] = b.add('transpose', [y], { permutation: [0, 2, 3, 1] });
    return b.add('reshape', [moved], { shape: [1, 77, 6] })[0];
  },
};

function resize(
  b: GraphBuilder,
  x: string,
  mode: 'linear' | 'nearest',
  coordinates: 'half-pixel' | 'asymmetric',
): string {
  const attributes = { mode, coordinates, rounding: 'floor', size: [18, 24], scale: [2, 2], cubicA: -0.75 } as const;
  return b.add('resize2d', [x], attributes)[0];
}

const FUNCTIONS = ['relu', 'relu6', 'sigmoid', 'tanh', 'silu', 'hard-swish'] as const;

const oneOf = (build: Build): Graph => {
  const builder = builderOf();
  return builder.build([build(builder, builder.input('x', [1, 5, 9, 12]))]);
};

async function expectAgreement(graph: Graph, ofLargest: number): Promise<void> {
  const inputs = Object.fromEntries(
    graph.inputs.map((name) => [name, random.tensor(graph.values.get(name)!.shape, -1, 1)]),
  );
  const answers = await runLiteRt(graphToTflite(graph), Object.values(inputs));
  const expected = runReference(graph, inputs);
  for (const [i, output] of graph.outputs.entries()) {
    const { shape, data } = expected.get(output)!;
    expect(answers[i].shape).toEqual(shape);
    const largest = Math.max(...Array.from(data, (value) => Math.abs(Number(value))));
    answers[i].data.forEach((value, k) => {
      if (!(Math.abs(value - Number(data[k])) <= ofLargest * largest))
        expect.fail(`${output} is ${value} at ${k}, expected ${data[k]}`);
    });
  }
}

/** Sums of at most a few hundred float32 products, in two orders. */
const ONE_LAYER = 1e-5;

for (const [name, build] of Object.entries(CASES)) {
  test(`LiteRT.js answers as the reference does: ${name}`, () => expectAgreement(oneOf(build), ONE_LAYER));
}

for (const fn of FUNCTIONS) {
  test(`LiteRT.js answers as the reference does: ${fn}, alone and after a convolution`, async () => {
    const activation = { ...NO_ACTIVATION, fn, alpha: fn === 'silu' ? 1 : 0 };
    await expectAgreement(
      oneOf((b, x) => b.add('unary', [x], activation)[0]),
      ONE_LAYER,
    );
    const fused = oneOf(
      (b, x) => b.add('conv2d', [x, weights(b, 'w', 6, 5, 1, 1), weights(b, 'b', 6)], { ...CONV, activation })[0],
    );
    await expectAgreement(fused, ONE_LAYER);
  });
}

test('LiteRT.js answers as the reference does: a sum before and after the activation, clipped otherwise than at 6', async () => {
  for (const residual of ['before-activation', 'after-activation'] as const) {
    for (const beta of [6, 0.7]) {
      const activation = { fn: 'clip', alpha: 0, beta } as const;
      const graph = oneOf(
        (b, x) =>
          b.add('conv2d', [x, weights(b, 'w', 5, 5, 1, 1), weights(b, 'b', 5), x], {
            ...CONV,
            activation,
            residual,
          })[0],
      );
      await expectAgreement(graph, ONE_LAYER);
    }
  }
});

test('LiteRT.js answers as the reference does: arithmetic of two pictures, and with numbers for each channel', async () => {
  for (const fn of ['add', 'sub', 'mul', 'max', 'min'] as const) {
    await expectAgreement(
      oneOf((b, x) => {
        const [y] = b.add('unary', [x], { ...NO_ACTIVATION, fn: 'sigmoid' });
        const [z] = b.add('binary', [x, y], { fn });
        return b.add('binary', [z, weights(b, 'c', 1, 5, 1, 1)], { fn })[0];
      }),
      ONE_LAYER,
    );
  }
});

test('what TensorFlow Lite has no operator for is an error that names the node', () => {
  const rounded = oneOf((b, x) => b.add('unary', [x], { ...NO_ACTIVATION, fn: 'erf' }, 'odd')[0]);
  expect(() => graphToTflite(rounded)).toThrow('function erf has no counterpart in the mapping to TensorFlow Lite');
  const pooled = oneOf(
    (b, x) => b.add('max-pool2d', [x], { ...POOL, stride: [2, 2], padding: [1, 1, 1, 1] }, 'odd')[0],
  );
  expect(() => graphToTflite(pooled)).toThrow('max-pool2d "odd" has no counterpart in the mapping to TensorFlow Lite');
});

test('constants lie at multiples of 16 bytes, and hold what the graph holds', () => {
  const graph = oneOf(CASES['a convolution']);
  const bytes = graphToTflite(graph);
  const { version, tensors, inputs, outputs, operators } = readTflite(bytes);
  expect(version).toBe(3);
  expect(inputs.map((place) => tensors[place])).toMatchObject([{ name: 'x', shape: [1, 5, 9, 12], bytes: 0 }]);
  expect(outputs.map((place) => tensors[place].shape)).toEqual([[1, 6, 7, 11]]);
  expect(operators.map(({ code }) => code)).toEqual([
    OPERATORS.TRANSPOSE.code,
    OPERATORS.CONV_2D.code,
    OPERATORS.TRANSPOSE.code,
  ]);
  for (const { offset, bytes: length } of tensors) if (length > 0) expect(offset % 16).toBe(0);
  const weight = tensors.find(({ name }) => name === 'w')!;
  expect(weight.shape).toEqual([6, 3, 2, 5]);
  expect(weight.bytes).toBe(4 * 6 * 3 * 2 * 5);
  const first = new Float32Array(bytes.slice(weight.offset, weight.offset + 8).buffer);
  const { data } = graph.constants.get('w')!;
  // The second input channel of the first tap.
  expect([...first]).toEqual([data[0], data[6]]);
});

test('every network of the benchmark has a file with its inputs, its outputs and known operators', () => {
  const known = new Map(Object.values(OPERATORS).map(({ code, version }) => [code, version]));
  for (const name of [...NETWORK_NAMES, 'mobilenet-v2']) {
    const network = loadNetwork(name);
    if (!network) continue;
    const { graph, files, input } = network;
    const { tensors, inputs, outputs, operators } = readTflite(files.tflite!);
    expect(inputs.map((place) => tensors[place].shape)).toEqual([input.tensor.shape]);
    expect(outputs.map((place) => tensors[place].shape)).toEqual(
      network.outputs.map((output) => graph.values.get(output)!.shape),
    );
    for (const { code, version } of operators) expect(version).toBe(known.get(code));
    const ready = new Set([...inputs, ...tensors.flatMap(({ bytes }, place) => (bytes > 0 ? place : []))]);
    for (const { inputs: reads, outputs: writes } of operators) {
      for (const place of reads) expect(ready).toContain(place);
      for (const place of writes) ready.add(place);
    }
    for (const { bytes, shape } of tensors) if (bytes > 0) expect(bytes).toBe(4 * sizeOf(shape));
  }
});

test('LiteRT.js answers as the reference does: the classifier', async () => {
  const { graph, input, files, outputs } = loadNetwork('classifier', 96)!;
  const optimised = optimiseWith(PASSES, foldConstants(runReferenceNode)(graph));
  const [answer] = await runLiteRt(files.tflite!, [input.tensor]);
  const expected = runReference(optimised, { [input.name]: input.tensor }).get(outputs[0])!;
  const worst = answer.data.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(expected.data[i]))), 0);
  expect(worst).toBeLessThan(1e-4);
  expect(Tensor.float32(answer.shape, answer.data).shape).toEqual(expected.shape);
});
