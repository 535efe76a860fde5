import { expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_EPILOGUE, type OperatorAttributes, type Pair, type UnaryFunction } from '../../src/graph/operators';
import { optimise, optimiseWith, PASSES, type Pass, type Target } from '../../src/graph/passes';
import { dropDead } from '../../src/graph/passes/drop-dead';
import { foldBatchNorm } from '../../src/graph/passes/fold-batch-norm';
import { foldConstants } from '../../src/graph/passes/fold-constants';
import { foldPadding } from '../../src/graph/passes/fold-padding';
import { fuseActivation } from '../../src/graph/passes/fuse-activation';
import { fuseBias } from '../../src/graph/passes/fuse-bias';
import { fuseGates } from '../../src/graph/passes/fuse-gates';
import { fuseResidual } from '../../src/graph/passes/fuse-residual';
import { fuseUpsampling } from '../../src/graph/passes/fuse-upsampling';
import { mergeHeads } from '../../src/graph/passes/merge-heads';
import { repeatResidual } from '../../src/graph/passes/repeat-residual';
import { sinkTransposes } from '../../src/graph/passes/sink-transposes';
import { zerosToPadding } from '../../src/graph/passes/zeros-to-padding';
import { runReference, runReferenceNode } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';

const random = new Random(11);
const plain = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1 } as const;

const REPEATING = { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor', cubicA: -0.75 } as const;
const window2 = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0] } as const;

/** A graph as lines of `operator(inputs) -> outputs`, weights left out. */
const lines = (graph: Graph): string[] =>
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
class Net extends GraphBuilder {
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

/** Shows what a pass makes of a graph, and that it computes the same. */
function expectPass(pass: Pass, build: (net: Net, x: string) => string, after: readonly string[]): void {
  const net = new Net('test');
  const graph = net.build([build(net, net.input('x', [2, 4, 5, 6]))]);
  const rewritten = pass(graph);
  expect(lines(rewritten)).toEqual(after);
  const x = random.tensor([2, 4, 5, 6]);
  const [expected] = runReference(graph, { x }).values();
  const [actual] = runReference(rewritten, { x }).values();
  // Folded weights are rounded to float32 once more than separate ones: a few ulp of the largest sum.
  const scale = Math.max(...expected.data.map(Math.abs));
  for (let i = 0; i < expected.size; i++)
    expect(Math.abs(actual.data[i] - expected.data[i])).toBeLessThan(4e-6 * scale);
}

test('batch normalisation is folded into the convolution before it', () => {
  expectPass(foldBatchNorm, (net, x) => net.norm(net.conv(x, 6, 'conv')), ['conv2d(x) -> norm']);
});

test('batch normalisation is folded into a grouped transposed convolution', () => {
  expectPass(
    foldBatchNorm,
    (net, x) => {
      const attributes = { ...plain, stride: [2, 2], outputPadding: [1, 0], groups: 2 } as const;
      const [y] = net.add('conv-transpose2d', [x, net.weights([4, 3, 3, 3]), net.weights([6])], attributes, 'up');
      return net.norm(y);
    },
    ['conv-transpose2d(x) -> norm'],
  );
});

test('batch normalisation stays where another node reads the convolution too', () => {
  expectPass(
    foldBatchNorm,
    (net, x) => {
      const y = net.conv(x, 4, 'conv');
      return net.binary(net.norm(y), y, 'add');
    },
    ['conv2d(x) -> conv', 'batch-norm(conv) -> norm', 'binary add(norm, conv) -> add'],
  );
});

test('constants per channel go into weights and bias, from either side', () => {
  expectPass(
    fuseBias,
    (net, x) => {
      const scaled = net.binary(net.conv(x, 4, 'conv'), net.weights([4, 1, 1]), 'mul');
      const shifted = net.binary(net.weights([1, 4, 1, 1]), scaled, 'sub', 'shifted');
      return net.binary(shifted, net.scalar(3), 'div');
    },
    ['conv2d(x) -> div'],
  );
});

test('a constant per column is no bias', () => {
  expectPass(fuseBias, (net, x) => net.binary(net.conv(x, 4, 'conv'), net.weights([6]), 'add'), [
    'conv2d(x) -> conv',
    'binary add(conv) -> add',
  ]);
});

test('an activation is applied by the convolution before it', () => {
  expectPass(fuseActivation, (net, x) => net.unary(net.conv(x, 4, 'conv'), 'relu6'), ['conv2d relu6(x) -> relu6']);
});

test('an activation that cannot be fused stays', () => {
  expectPass(fuseActivation, (net, x) => net.unary(net.conv(x, 4, 'conv'), 'mish'), [
    'conv2d(x) -> conv',
    'unary mish(conv) -> mish',
  ]);
});

test('a residual is added by the convolution, before its activation', () => {
  const pass: Pass = (graph) => fuseActivation(fuseResidual(graph));
  expectPass(pass, (net, x) => net.unary(net.binary(net.conv(x, 4, 'conv'), x, 'add'), 'relu'), [
    'conv2d relu before-activation(x, x) -> relu',
  ]);
});

test('a residual after the activation stays after it', () => {
  const pass: Pass = (graph) => fuseResidual(fuseActivation(graph));
  expectPass(pass, (net, x) => net.binary(x, net.unary(net.conv(x, 4, 'conv'), 'silu', 'silu', 1), 'add'), [
    'conv2d silu after-activation(x, x) -> add',
  ]);
});

test('of two convolutions that are added, one takes the other as residual', () => {
  expectPass(fuseResidual, (net, x) => net.binary(net.conv(x, 4, 'a'), net.conv(x, 4, 'b'), 'add'), [
    'conv2d(x) -> a',
    'conv2d before-activation(x, a) -> add',
  ]);
});

test('a broadcast sum is no residual', () => {
  expectPass(
    fuseResidual,
    (net, x) => net.binary(net.conv(x, 4, 'conv'), net.add('global-pool2d', [x], { fn: 'mean' }, 'pool')[0], 'add'),
    ['conv2d(x) -> conv', 'global-pool2d mean(x) -> pool', 'binary add(conv, pool) -> add'],
  );
});

test('written-out gates become one activation', () => {
  expectPass(fuseGates, (net, x) => net.binary(x, net.unary(x, 'sigmoid'), 'mul'), ['unary silu(x) -> mul']);
  const clipped = (net: Net, x: string): string => net.unary(net.binary(x, net.scalar(3), 'add'), 'clip', 'clip', 0, 6);
  expectPass(fuseGates, (net, x) => net.binary(clipped(net, x), net.scalar(6), 'div'), [
    'unary hard-sigmoid(x) -> div',
  ]);
  expectPass(
    fuseGates,
    (net, x) => net.binary(x, net.binary(clipped(net, x), net.scalar(1 / 6), 'mul', 'gate'), 'mul'),
    ['unary hard-swish(x) -> mul'],
  );
  expectPass(
    fuseGates,
    (net, x) => net.binary(net.binary(x, clipped(net, x), 'mul', 'product'), net.scalar(6), 'div'),
    ['unary hard-swish(x) -> div'],
  );
});

test('zero padding moves into the convolution', () => {
  expectPass(
    foldPadding,
    (net, x) => {
      const attributes = { mode: 'constant', before: [0, 0, 1, 0], after: [0, 0, 2, 1], value: 0 } as const;
      return net.conv(net.add('pad', [x], attributes, 'pad')[0], 4, 'conv');
    },
    ['conv2d(x) -> conv'],
  );
});

test('concatenation with zeros is padding', () => {
  expectPass(
    zerosToPadding,
    (net, x) => {
      const zeros = (...shape: number[]): string => net.constant('zeros', Tensor.float32(shape));
      const deeper = net.add('concat', [x, zeros(2, 3, 5, 6), zeros(2, 1, 5, 6)], { axis: 1 }, 'channels')[0];
      const taller = net.add('concat', [zeros(2, 8, 1, 6), deeper], { axis: 2 }, 'rows')[0];
      return net.add('concat', [taller, net.weights([2, 8, 6, 1])], { axis: 3 }, 'columns')[0];
    },
    ['pad(x) -> channels', 'pad(channels) -> rows', 'concat(rows) -> columns'],
  );
});

const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

test('inverse transposes vanish through what lies between them', () => {
  expectPass(
    sinkTransposes,
    (net, x) => {
      const a = net.transpose(x, TO_LAST, 'a');
      const b = net.transpose(net.unary(x, 'tanh'), TO_LAST, 'b');
      const sum = net.binary(net.binary(net.unary(a, 'relu'), b, 'add'), net.weights([4]), 'mul', 'scale');
      const joined = net.add('concat', [sum, net.transpose(x, TO_LAST, 'c')], { axis: 3 }, 'join')[0];
      const amounts = { before: [0, 1, 2, 0], after: [0, 0, 0, 3] } as const;
      const padded = net.add('pad', [joined], { mode: 'constant', ...amounts, value: 0.5 }, 'pad')[0];
      const shares = net.add('softmax', [padded], { axis: 3, log: false }, 'softmax')[0];
      return net.unary(net.transpose(shares, TO_FIRST, 'd'), 'abs');
    },
    [
      'unary relu(x) -> relu_2',
      'unary tanh(x) -> tanh',
      'binary add(relu_2, tanh) -> add_2',
      'binary mul(add_2) -> scale_2',
      'concat(scale_2, x) -> join_2',
      'pad(join_2) -> pad_2',
      'softmax(pad_2) -> softmax_2',
      'unary abs(softmax_2) -> abs',
    ],
  );
});

test('transposes that meet are one', () => {
  expectPass(sinkTransposes, (net, x) => net.transpose(net.transpose(x, [1, 0, 2, 3], 'a'), [0, 2, 3, 1], 'b'), [
    'transpose(x) -> b',
  ]);
});

test('a transpose stays above what mixes its axes with other values', () => {
  expectPass(sinkTransposes, (net, x) => net.binary(net.transpose(x, TO_LAST, 'a'), net.weights([5, 6, 4]), 'add'), [
    'transpose(x) -> a',
    'binary add(a) -> add',
  ]);
  expectPass(
    sinkTransposes,
    (net, x) => {
      const a = net.transpose(x, TO_LAST, 'a');
      return net.binary(
        net.unary(a, 'exp'),
        net.add('reduce', [a], { fn: 'sum', axes: [3], keepDims: true }, 'sum')[0],
        'div',
      );
    },
    ['transpose(x) -> a', 'unary exp(a) -> exp', 'reduce sum(a) -> sum', 'binary div(exp, sum) -> div'],
  );
});

test('nodes that nobody reads or that change nothing are dropped', () => {
  expectPass(
    dropDead,
    (net, x) => {
      net.conv(x, 8, 'unread');
      const same = net.add('reshape', [net.unary(x, 'identity')], { shape: [2, 4, 5, 6] }, 'same')[0];
      return net.unary(same, 'relu');
    },
    ['unary relu(x) -> relu'],
  );
});

test('what depends on constants alone is computed at load', () => {
  expectPass(
    foldConstants(runReferenceNode),
    (net, x) => net.binary(x, net.unary(net.binary(net.weights([4, 1, 1]), net.scalar(2), 'mul', 'k'), 'exp'), 'add'),
    ['binary add(x) -> add'],
  );
});

test('a coarser map is added by the 1×1 convolution without being enlarged first', () => {
  const pyramid =
    (kernel: 1 | 3, attributes: Partial<OperatorAttributes['resize2d']> = {}) =>
    (net: Net, x: string): string => {
      const pool = net.add(
        'max-pool2d',
        [x],
        { ...window2, kernel: [1, 2], stride: [1, 2], ceilMode: false },
        'pool',
      )[0];
      const upper = net.resize(pool, [5, 6], { ...REPEATING, ...attributes }, 'upper');
      return net.binary(net.conv(x, 4, 'lateral', 1, kernel), upper, 'add');
    };
  const pass: Pass = (graph) => repeatResidual(fuseResidual(graph));
  const fused = ['max-pool2d(x) -> pool', 'conv2d before-activation(x, pool) -> add'];
  expectPass(pass, pyramid(1), fused);
  expectPass(pass, pyramid(1, { coordinates: 'half-pixel', rounding: 'round-prefer-ceil' }), fused);
  const apart = ['max-pool2d(x) -> pool', 'resize2d(pool) -> upper', 'conv2d before-activation(x, upper) -> add'];
  expectPass(pass, pyramid(3), apart);
  expectPass(pass, pyramid(1, { mode: 'linear' }), apart);
  expectPass(pass, pyramid(1, { rounding: 'ceil' }), apart);
});

const GPU = { software: false };
const CENTRES = { coordinates: 'half-pixel', rounding: 'round-prefer-floor', cubicA: -0.75 } as const;

/** A step up of a U-Net: what is pooled by so many, doubled, beside something of that size, convolved. */
const stepUp =
  (
    channels: number,
    {
      mode = 'nearest',
      skipFirst = false,
      factor = 2,
    }: { mode?: 'nearest' | 'linear'; skipFirst?: boolean; factor?: number } = {},
  ) =>
  (net: Net, x: string): string => {
    // [2, 4, 5, 6] to a picture of 20 by 24, and one of half that.
    const large = net.resize(x, [20, 24], { mode: 'nearest', ...CENTRES, coordinates: 'align-corners' }, 'large');
    const kernel = [factor, factor] as const;
    const [low] = net.add('max-pool2d', [large], { ...window2, kernel, stride: kernel, ceilMode: false }, 'low');
    const up = net.resize(low, [20, 24], { mode, ...CENTRES }, 'up');
    const skip = net.unary(net.conv(large, 3, 'skip'), 'abs');
    const [joined] = net.add('concat', skipFirst ? [skip, up] : [up, skip], { axis: 1 }, 'joined');
    return net.unary(net.conv(joined, channels, 'conv'), 'relu');
  };
const above = ['resize2d(x) -> large', 'max-pool2d(large) -> low'];
const beside = ['conv2d(large) -> skip', 'unary abs(skip) -> abs'];

test('a doubled picture and the skip beside it are read by the convolution, in either order', () => {
  const pass: Pass = (graph) => fuseUpsampling(GPU)(fuseActivation(graph));
  for (const mode of ['nearest', 'linear'] as const) {
    const fused = [...above, ...beside, `upsample-conv2d ${mode} relu(low, abs) -> relu`];
    expectPass(pass, stepUp(4, { mode }), fused);
    expectPass(pass, stepUp(4, { mode, skipFirst: true }), fused);
  }
});

test('a doubled picture without a skip is read by the convolution', () => {
  expectPass(
    fuseUpsampling(GPU),
    (net, x) => net.conv(net.resize(x, [10, 12], { mode: 'nearest', ...CENTRES }, 'up'), 7, 'conv'),
    ['upsample-conv2d nearest(x) -> conv'],
  );
});

test('a picture is doubled first where that pays, is wanted, or is all that the convolution can read', () => {
  const pass =
    (target: Target): Pass =>
    (graph) =>
      fuseUpsampling(target)(fuseActivation(graph));
  const apart = [
    ...above,
    'resize2d(low) -> up',
    ...beside,
    'concat(up, abs) -> joined',
    'conv2d relu(joined) -> relu',
  ];
  expectPass(pass({ software: true }), stepUp(4), apart);
  // Interpolating anew for each of many output channels costs more than it saves.
  expectPass(pass(GPU), stepUp(64, { mode: 'linear' }), apart);
  expectPass(pass(GPU), stepUp(64, { mode: 'nearest' }), [
    ...above,
    ...beside,
    'upsample-conv2d nearest relu(low, abs) -> relu',
  ]);
  // Four times as large.
  expectPass(pass(GPU), stepUp(4, { factor: 4 }), apart);
  // Read by somebody else, too.
  expectPass(pass(GPU), (net, x) => net.binary(stepUp(4)(net, x), net.unary('up', 'abs', 'other'), 'add'), [
    ...apart,
    'unary abs(up) -> other',
    'binary add(relu, other) -> add',
  ]);
});

/** `[N, A · width, H, W]` of a convolution as rows `[N, H · W · A, width]`. */
const rowsOf = (net: Net, x: string, perPixel: number, width: number, name: string): string => {
  const y = net.conv(x, perPixel * width, name);
  const [batch, , height, columns] = net.shape(y);
  const last = net.transpose(y, TO_LAST, `${name}.last`);
  return net.add('reshape', [last], { shape: [batch, height * columns * perPixel, width] }, `${name}.rows`)[0];
};
const joinRows = (net: Net, rows: readonly string[], name: string): string =>
  net.add('concat', rows, { axis: 1 }, name)[0];

test('heads that read the same maps become one, of which each is a part of the rows', () => {
  expectPass(
    mergeHeads,
    (net, x) => {
      const small = net.add('max-pool2d', [x], { ...window2, ceilMode: false }, 'small')[0];
      const classes = joinRows(net, [rowsOf(net, x, 2, 7, 'a'), rowsOf(net, small, 3, 7, 'b')], 'classes');
      const likely = net.add('softmax', [classes], { axis: 2, log: false }, 'likely')[0];
      const offsets = joinRows(net, [rowsOf(net, x, 2, 4, 'c'), rowsOf(net, small, 3, 4, 'd')], 'offsets');
      return net.add('concat', [likely, offsets], { axis: 2 }, 'both')[0];
    },
    [
      'max-pool2d(x) -> small',
      'conv2d(x) -> a.joined',
      'transpose(a.joined) -> a.last.joined',
      'reshape(a.last.joined) -> a.rows.joined',
      'conv2d(small) -> b.joined',
      'transpose(b.joined) -> b.last.joined',
      'reshape(b.last.joined) -> b.rows.joined',
      'concat(a.rows.joined, b.rows.joined) -> classes.joined',
      'slice(classes.joined) -> classes',
      'softmax(classes) -> likely',
      'slice(classes.joined) -> offsets',
      'concat(likely, offsets) -> both',
    ],
  );
});

test('heads of other maps, windows or rows per pixel stay apart', () => {
  const untouched = (build: (net: Net, x: string) => string[]): void => {
    const net = new Net('test');
    const graph = net.build(build(net, net.input('x', [2, 4, 5, 6])));
    expect(mergeHeads(graph).nodes).toEqual(graph.nodes);
  };
  const head = (net: Net, x: string, perPixel: number, width: number, name: string): string =>
    joinRows(net, [rowsOf(net, x, perPixel, width, `${name}1`), rowsOf(net, x, perPixel, width, `${name}2`)], name);
  untouched((net, x) => [head(net, x, 2, 3, 'a'), head(net, net.unary(x, 'abs'), 2, 3, 'b')]);
  untouched((net, x) => [head(net, x, 2, 3, 'a'), head(net, x, 1, 6, 'b')]);
  untouched((net, x) => [head(net, x, 2, 3, 'a'), head(net, x, 2, 4, 'b'), 'b1']);
});

test('together the passes leave one node of a residual block', () => {
  expectPass(
    (graph) => optimiseWith(PASSES, graph),
    (net, x) => {
      const first = net.unary(net.norm(net.conv(x, 8, 'conv1'), 'norm1'), 'relu', 'relu1');
      return net.unary(net.binary(net.norm(net.conv(first, 4, 'conv2'), 'norm2'), x, 'add'), 'relu', 'relu2');
    },
    ['conv2d relu(x) -> relu1', 'conv2d relu before-activation(relu1, x) -> relu2'],
  );
});

test('a value that is asked for is never fused away', async () => {
  const net = new Net('test');
  const x = net.input('x', [1, 4, 5, 6]);
  const y = net.unary(net.conv(x, 4, 'conv'), 'relu');
  expect(lines(await optimise(net.build([y, 'conv']), { software: false }))).toEqual([
    'conv2d(x) -> conv',
    'unary relu(conv) -> relu',
  ]);
});
