import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { NO_ACTIVATION, NO_EPILOGUE } from '../../src/operators/epilogue';
import type { UnaryFunction } from '../../src/operators/unary';
import type { Tensor } from '../../src/tensor';
import { Random } from './random';

/** Builds networks with random weights, unfused, as exporters write them. */
class RandomNet extends GraphBuilder {
  readonly #random: Random;

  constructor(name: string, seed: number) {
    super(name);
    this.#random = new Random(seed);
  }

  /** Convolution with weights scaled so that the signal keeps its size (He et al. 2015). */
  conv(x: string, channels: number, kernel: number, name: string, stride = 1, groups = 1): string {
    const inChannels = this.shape(x)[1] / groups;
    const bound = Math.sqrt(6 / (inChannels * kernel ** 2));
    const padding = Math.floor(kernel / 2);
    const weight = this.constant(
      `${name}.weight`,
      this.#random.tensor([channels, inChannels, kernel, kernel], -bound, bound),
    );
    const bias = this.constant(`${name}.bias`, this.#random.tensor([channels], -0.1, 0.1));
    const attributes = {
      ...NO_EPILOGUE,
      stride: [stride, stride],
      dilation: [1, 1],
      padding: [padding, padding, padding, padding],
      groups,
    } as const;
    return this.add('conv2d', [x, weight, bias], attributes, name)[0];
  }

  norm(x: string, name: string): string {
    const size = [this.shape(x)[1]];
    const inputs = [
      this.constant(`${name}.gamma`, this.#random.tensor(size, 0.5, 1.5)),
      this.constant(`${name}.beta`, this.#random.tensor(size, -0.1, 0.1)),
      this.constant(`${name}.mean`, this.#random.tensor(size, -0.1, 0.1)),
      this.constant(`${name}.variance`, this.#random.tensor(size, 0.5, 1.5)),
    ];
    return this.add('batch-norm', [x, ...inputs], { epsilon: 1e-5 }, name)[0];
  }

  activate(x: string, fn: UnaryFunction, name: string): string {
    return this.add('unary', [x], { ...NO_ACTIVATION, alpha: 1, fn }, name)[0];
  }

  /** Convolution, batch normalisation, activation. */
  block(x: string, channels: number, kernel: number, name: string, stride = 1, groups = 1): string {
    const y = this.norm(this.conv(x, channels, kernel, name, stride, groups), `${name}.norm`);
    return this.activate(y, 'relu', `${name}.relu`);
  }

  pool(x: string, name: string): string {
    const attributes = {
      kernel: [2, 2],
      stride: [2, 2],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
      ceilMode: false,
    } as const;
    return this.add('max-pool2d', [x], attributes, name)[0];
  }

  upsample(x: string, mode: 'nearest' | 'linear', name: string): string {
    const [, , height, width] = this.shape(x);
    const attributes = {
      mode,
      coordinates: mode === 'nearest' ? 'asymmetric' : 'half-pixel',
      rounding: 'floor',
      size: [2 * height, 2 * width],
      scale: [2, 2],
      cubicA: -0.75,
    } as const;
    return this.add('resize2d', [x], attributes, name)[0];
  }

  dense(x: string, features: number, name: string): string {
    const inFeatures = this.shape(x).at(-1)!;
    const weight = this.constant(`${name}.weight`, this.#random.tensor([features, inFeatures], -0.2, 0.2));
    const bias = this.constant(`${name}.bias`, this.#random.tensor([features], -0.1, 0.1));
    return this.add('dense', [x, weight, bias], NO_EPILOGUE, name)[0];
  }

  /** An inverted residual block (Sandler et al. 2018). */
  inverted(x: string, channels: number, stride: number, name: string): string {
    const inChannels = this.shape(x)[1];
    const expanded = this.block(x, inChannels * 4, 1, `${name}.expand`);
    const depthwise = this.block(expanded, inChannels * 4, 3, `${name}.depthwise`, stride, inChannels * 4);
    const y = this.norm(this.conv(depthwise, channels, 1, `${name}.project`), `${name}.norm`);
    return stride === 1 && channels === inChannels ? this.add('binary', [x, y], { fn: 'add' }, `${name}.add`)[0] : y;
  }
}

/** An inverted-residual classifier: `image` to `probabilities` `[N, 10]`. */
export function classifierNetwork(size = 32, batch = 1): Graph {
  const net = new RandomNet('classifier', 1);
  let x = net.block(net.input('image', [batch, 3, size, size]), 16, 3, 'stem', 2);
  x = net.inverted(x, 16, 1, 'block1');
  x = net.inverted(x, 24, 2, 'block2');
  x = net.inverted(x, 24, 1, 'block3');
  x = net.block(x, 64, 1, 'head');
  const [pooled] = net.add('global-pool2d', [x], { fn: 'mean' }, 'pool');
  const [flat] = net.add('reshape', [pooled], { shape: [batch, 64] }, 'flat');
  return net.build(net.add('softmax', [net.dense(flat, 10, 'dense')], { axis: 1, log: false }, 'probabilities'));
}

/** An SSD with three scales: `image` to `scores` `[N, B, 6]` and `offsets` `[N, B, 4]`. */
export function detectorNetwork(size = 32, batch = 1): Graph {
  const net = new RandomNet('detector', 2);
  const classes = 6;
  const anchors = 4;
  let x = net.block(net.input('image', [batch, 3, size, size]), 16, 3, 'stem', 2);
  x = net.block(x, 32, 3, 'stage1', 2);
  const scores: string[] = [];
  const offsets: string[] = [];
  for (let scale = 0; scale < 3; scale++) {
    if (scale > 0) x = net.block(x, 32, 3, `scale${scale}`, 2);
    for (const [list, size, kind] of [
      [scores, classes, 'scores'],
      [offsets, 4, 'offsets'],
    ] as const) {
      const y = net.conv(x, anchors * size, 3, `${kind}${scale}`);
      const [, , height, width] = net.shape(y);
      const [last] = net.add('transpose', [y], { permutation: [0, 2, 3, 1] }, `${kind}${scale}.nhwc`);
      const shape = [batch, height * width * anchors, size];
      list.push(net.add('reshape', [last], { shape }, `${kind}${scale}.flat`)[0]);
    }
  }
  const [logits] = net.add('concat', scores, { axis: 1 }, 'logits');
  const [boxes] = net.add('concat', offsets, { axis: 1 }, 'offsets');
  return net.build([net.add('softmax', [logits], { axis: 2, log: false }, 'scores')[0], boxes]);
}

/** A U-Net with two skips: `image` to `mask` logits `[N, 5, H, W]`. */
export function segmenterNetwork(size = 32, batch = 1, base = 8): Graph {
  const net = new RandomNet('segmenter', 3);
  const skip1 = net.block(net.input('image', [batch, 3, size, size]), base, 3, 'down1');
  const skip2 = net.block(net.pool(skip1, 'pool1'), base * 2, 3, 'down2');
  const bottom = net.block(net.pool(skip2, 'pool2'), base * 4, 3, 'bottom');
  const [wide2] = net.add('concat', [net.upsample(bottom, 'nearest', 'up2'), skip2], { axis: 1 }, 'concat2');
  const x = net.block(wide2, base * 2, 3, 'decode2');
  const [wide1] = net.add('concat', [net.upsample(x, 'linear', 'up1'), skip1], { axis: 1 }, 'concat1');
  return net.build([net.conv(net.block(wide1, base, 3, 'decode1'), 5, 1, 'mask')]);
}

/** A few convolutions in a row, for tests of the runtime. */
export function smallNetwork(name = 'small', size = 9): Graph {
  const net = new RandomNet(name, 4);
  const x = net.block(net.input('x', [1, 3, size, size]), 6, 3, 'conv1');
  return net.build([net.conv(x, 5, 1, 'conv2')]);
}

/** A random picture for a network's only input. */
export function randomInput(graph: Graph, seed = 5): Record<string, Tensor> {
  const [name] = graph.inputs;
  return { [name]: new Random(seed).tensor(graph.values.get(name)!.shape) };
}
