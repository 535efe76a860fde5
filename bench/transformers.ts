import { GraphBuilder } from '../src/graph/builder';
import type { Graph } from '../src/graph/graph';
import { NO_ACTIVATION, NO_EPILOGUE } from '../src/operators/epilogue';
import { sizeOf, Tensor } from '../src/tensor';
import { Random } from '../test/support/random';

type Ints = readonly number[];

/** Builds transformers with random weights, of the operators that exporters write: nothing is fused. */
class TransformerBuilder extends GraphBuilder {
  readonly #random = new Random(1);

  /** Uniform, so that a sum of `terms` products keeps the variance of its input. */
  weight(name: string, shape: Ints, terms: number): string {
    const most = Math.sqrt(3 / terms);
    return this.constant(name, this.#random.tensor(shape, -most, most));
  }

  bias(name: string, channels: number): string {
    return this.constant(`${name}.bias`, this.#random.tensor([channels], -0.1, 0.1));
  }

  number(name: string, value: number): string {
    return this.constant(name, Tensor.float32([1], Float32Array.of(value)));
  }

  reshape(x: string, shape: Ints, name: string): string {
    return this.add('reshape', [x], { shape }, name)[0];
  }

  transpose(x: string, permutation: Ints, name: string): string {
    return this.add('transpose', [x], { permutation }, name)[0];
  }

  binary(fn: 'add' | 'mul' | 'div', a: string, b: string, name: string): string {
    return this.add('binary', [a, b], { fn }, name)[0];
  }

  /** `[..., K]` to `[..., channels]`. */
  linear(x: string, name: string, channels: number): string {
    const inputs = this.shape(x).at(-1)!;
    const [product] = this.add('matmul', [x, this.weight(`${name}.weight`, [inputs, channels], inputs)], {}, name);
    return this.binary('add', product, this.bias(name, channels), `${name}.sum`);
  }

  conv(x: string, name: string, channels: number, kernel: number, stride: number, padding: number, groups = 1): string {
    const perGroup = this.shape(x)[1] / groups;
    const shape = [channels, perGroup, kernel, kernel];
    return this.add(
      'conv2d',
      [x, this.weight(`${name}.weight`, shape, sizeOf(shape.slice(1))), this.bias(name, channels)],
      {
        ...NO_EPILOGUE,
        stride: [stride, stride],
        dilation: [1, 1],
        padding: [padding, padding, padding, padding],
        groups,
      },
      name,
    )[0];
  }

  norm(x: string, name: string): string {
    const channels = this.shape(x).at(-1)!;
    const scale = this.constant(`${name}.weight`, this.#random.tensor([channels], 0.5, 1.5));
    const axis = this.shape(x).length - 1;
    return this.add('layer-norm', [x, scale, this.bias(name, channels)], { axis, epsilon: 1e-6 }, name)[0];
  }

  /** x · (1 + erf(x / √2)) / 2, step by step. */
  gelu(x: string, name: string): string {
    const scaled = this.binary('div', x, this.number(`${name}.root`, Math.SQRT2), `${name}.scaled`);
    const [erf] = this.add('unary', [scaled], { ...NO_ACTIVATION, fn: 'erf' }, `${name}.erf`);
    const sum = this.binary('add', erf, this.number(`${name}.one`, 1), `${name}.sum`);
    const product = this.binary('mul', x, sum, `${name}.product`);
    return this.binary('mul', product, this.number(`${name}.half`, 0.5), name);
  }

  softmax(x: string, name: string): string {
    return this.add('softmax', [x], { axis: this.shape(x).length - 1, log: false }, name)[0];
  }

  /** `[1, C, H, W]` to `[1, H·W, C]`. */
  tokens(x: string, name: string): string {
    const [, channels, height, width] = this.shape(x);
    return this.transpose(this.reshape(x, [1, channels, height * width], `${name}.flat`), [0, 2, 1], `${name}.tokens`);
  }

  /** `[1, H·W, C]` to `[1, C, H, W]`. */
  map(x: string, [height, width]: Ints, name: string): string {
    const channels = this.shape(x)[2];
    return this.reshape(this.transpose(x, [0, 2, 1], `${name}.channels`), [1, channels, height, width], `${name}.map`);
  }

  /** Attention of tokens `x` to tokens `memory`, each `[1, N, C]`, with its projections. */
  attention(x: string, memory: string, heads: number, name: string): string {
    const channels = this.shape(x)[2];
    const perHead = channels / heads;
    const split = (tokens: string, part: string, permutation: Ints): string => {
      const projected = this.linear(tokens, `${name}.${part}`, channels);
      const shape = [1, this.shape(tokens)[1], heads, perHead];
      return this.transpose(
        this.reshape(projected, shape, `${name}.${part}.split`),
        permutation,
        `${name}.${part}.heads`,
      );
    };
    const queries = split(x, 'query', [0, 2, 1, 3]);
    const keys = split(memory, 'key', [0, 2, 3, 1]);
    const values = split(memory, 'value', [0, 2, 1, 3]);
    const [scores] = this.add('matmul', [queries, keys], {}, `${name}.scores`);
    const root = this.number(`${name}.root`, Math.sqrt(perHead));
    const weights = this.softmax(this.binary('div', scores, root, `${name}.scaled`), `${name}.weights`);
    const [mixed] = this.add('matmul', [weights, values], {}, `${name}.mixed`);
    const joined = this.reshape(this.transpose(mixed, [0, 2, 1, 3], `${name}.joined`), this.shape(x), `${name}.tokens`);
    return this.linear(joined, `${name}.output`, channels);
  }
}

/** ViT-S/16 at 224² (Touvron et al. 2021, "DeiT", table 1): 12 blocks of 384 channels and 6 heads, a thousand classes. */
export function vitSmall(): Graph {
  const [side, patch, channels, blocks, heads] = [224, 16, 384, 12, 6];
  const net = new TransformerBuilder('vit-s16');
  const patches = net.conv(net.input('image', [1, 3, side, side]), 'patches', channels, patch, patch, 0);
  const tokens = net.tokens(patches, 'patches');
  const count = net.shape(tokens)[1] + 1;
  const [all] = net.add('concat', [net.weight('class', [1, 1, channels], 3), tokens], { axis: 1 }, 'class-and-patches');
  let x = net.binary('add', all, net.weight('positions', [1, count, channels], 3), 'embedded');
  for (let b = 0; b < blocks; b++) {
    const name = `block${b}`;
    const attended = net.norm(x, `${name}.norm1`);
    x = net.binary('add', x, net.attention(attended, attended, heads, `${name}.attention`), `${name}.sum1`);
    const wide = net.linear(net.norm(x, `${name}.norm2`), `${name}.wide`, 4 * channels);
    const narrow = net.linear(net.gelu(wide, `${name}.gelu`), `${name}.narrow`, channels);
    x = net.binary('add', x, narrow, `${name}.sum2`);
  }
  const window = { starts: [0, 0, 0], sizes: [1, 1, channels], steps: [1, 1, 1] };
  const [first] = net.add('slice', [net.norm(x, 'norm')], window, 'class-token');
  const classes = net.linear(net.reshape(first, [1, channels], 'features'), 'classes', 1000);
  return net.build([net.softmax(classes, 'probabilities')]);
}

/** Channels, heads and the step of keys and values of each stage: Xie et al. 2021, "SegFormer", table 6, MiT-B0. */
const STAGES = [
  [32, 1, 8],
  [64, 2, 4],
  [160, 5, 2],
  [256, 8, 1],
] as const;
const BLOCKS_OF_STAGE = 2;
const DECODER_CHANNELS = 256;
const SCENE_CLASSES = 150;

/** SegFormer-B0 at 512² with the 150 classes of ADE20K; the logits are a quarter as wide and high. */
export function segformerB0(): Graph {
  const net = new TransformerBuilder('segformer-b0');
  let map = net.input('image', [1, 3, 512, 512]);
  const maps: string[] = [];
  for (const [s, [channels, heads, step]] of STAGES.entries()) {
    const stage = `stage${s}`;
    const [kernel, stride] = s === 0 ? [7, 4] : [3, 2];
    const patches = net.conv(map, `${stage}.patches`, channels, kernel, stride, Math.floor(kernel / 2));
    const size = net.shape(patches).slice(2);
    let x = net.norm(net.tokens(patches, `${stage}.patches`), `${stage}.patches.norm`);
    for (let b = 0; b < BLOCKS_OF_STAGE; b++) {
      const name = `${stage}.block${b}`;
      const attending = net.norm(x, `${name}.norm1`);
      let memory = attending;
      if (step > 1) {
        const reduced = net.conv(
          net.map(attending, size, `${name}.reduce`),
          `${name}.reduced`,
          channels,
          step,
          step,
          0,
        );
        memory = net.norm(net.tokens(reduced, `${name}.reduced`), `${name}.reduced.norm`);
      }
      x = net.binary('add', x, net.attention(attending, memory, heads, `${name}.attention`), `${name}.sum1`);
      const wide = net.linear(net.norm(x, `${name}.norm2`), `${name}.wide`, 4 * channels);
      const filtered = net.conv(
        net.map(wide, size, `${name}.wide`),
        `${name}.depthwise`,
        4 * channels,
        3,
        1,
        1,
        4 * channels,
      );
      const gated = net.gelu(net.tokens(filtered, `${name}.depthwise`), `${name}.gelu`);
      x = net.binary('add', x, net.linear(gated, `${name}.narrow`, channels), `${name}.sum2`);
    }
    map = net.map(net.norm(x, `${stage}.norm`), size, stage);
    maps.push(map);
  }
  return net.build([decode(net, maps)]);
}

/** All maps at the size of the first, joined by two 1×1 convolutions. */
function decode(net: TransformerBuilder, maps: readonly string[]): string {
  const [, , height, width] = net.shape(maps[0]);
  const resized = maps.map((map, s) => {
    const [, , ownHeight, ownWidth] = net.shape(map);
    const mixed = net.linear(net.tokens(map, `decoder${s}`), `decoder${s}.linear`, DECODER_CHANNELS);
    const narrow = net.map(mixed, [ownHeight, ownWidth], `decoder${s}`);
    if (s === 0) return narrow;
    const [size, scale] = [[height, width] as const, [height / ownHeight, width / ownWidth] as const];
    const way = { mode: 'linear', coordinates: 'half-pixel', rounding: 'round-prefer-floor', cubicA: -0.75 } as const;
    return net.add('resize2d', [narrow], { ...way, size, scale }, `decoder${s}.resized`)[0];
  });
  const [joined] = net.add('concat', resized.toReversed(), { axis: 1 }, 'decoder.joined');
  const mixed = net.conv(joined, 'decoder.mixed', DECODER_CHANNELS, 1, 1, 0);
  const [positive] = net.add('unary', [mixed], { ...NO_ACTIVATION, fn: 'relu' }, 'decoder.relu');
  return net.conv(positive, 'logits', SCENE_CLASSES, 1, 1, 0);
}
