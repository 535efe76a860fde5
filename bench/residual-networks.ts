import type { Graph } from '../src/graph/graph';
import { NetworkBuilder } from '../src/models/layers';
import type { Tensor } from '../src/tensor';
import { Random } from '../test/support/random';

/** Output channels and residual blocks of the four stages. */
const STAGES = [
  [48, 2],
  [96, 2],
  [192, 2],
  [224, 1],
] as const;

/**
 * Three networks of 3×3 convolutions with random weights: the shapes of the classifier, detector and segmenter that
 * Fovea had before its networks became depthwise. Kernels are still compared on them, as times before are known.
 */
export const RESIDUAL_NETWORKS: Readonly<Record<string, () => Graph>> = {
  'residual-classifier': () => new ResidualNetwork('residual-classifier').classifier(),
  'residual-detector': () => new ResidualNetwork('residual-detector').detector(),
  'residual-segmenter': () => new ResidualNetwork('residual-segmenter').segmenter(),
};

class ResidualNetwork {
  readonly #weights = new Map<string, Tensor>();
  readonly #random = new Random(1);
  readonly #net: NetworkBuilder;

  constructor(name: string) {
    this.#net = new NetworkBuilder(name, this.#weights, name);
  }

  /** 128×128 to 103 probabilities. */
  classifier(): Graph {
    const net = this.#net;
    const features = this.#backbone(128);
    this.#add('head', [103, STAGES[3][0]]);
    const logits = net.dense(net.meanPool(features[4], 'pool'), 'head');
    return net.build([net.softmax(logits, 1, 'probabilities')]);
  }

  /** 192×192 to scores and offsets of 3,438 boxes, before they are decoded and suppressed. */
  detector(): Graph {
    const net = this.#net;
    const [, , c3, c4, c5] = this.#backbone(192);
    const merged = (map: string, upper: string, level: number) => {
      const lateral = this.#conv(map, `lateral${level}`, 96, 1);
      return this.#relu(net.binary('add', lateral, net.repeat(upper, `repeat${level}`), `sum${level}`));
    };
    const t5 = this.#relu(this.#conv(c5, 'lateral5', 96, 1));
    const t4 = merged(c4, t5, 4);
    const t3 = merged(c3, t4, 3);
    const maps = [
      this.#relu(this.#conv(t3, 'smooth3', 96, 3)),
      this.#relu(this.#conv(t4, 'smooth4', 96, 3)),
      t5,
      this.#relu(this.#conv(t5, 'extra6', 96, 3, 2)),
    ];
    const rows = (kind: string, perBox: number) =>
      maps.map((map, k) => this.#rows(this.#conv(map, `${kind}${k}`, (k === 0 ? 4 : 6) * perBox, 3), perBox));
    const scores = net.softmax(net.concat(rows('cls', 21), 1, 'logits'), 2, 'scores');
    return net.build([scores, net.concat(rows('box', 4), 1, 'offsets')]);
  }

  /** 192×192 to 21 logits for every second pixel, a U-Net. */
  segmenter(): Graph {
    const net = this.#net;
    const skips = this.#backbone(192);
    let map = this.#relu(this.#conv(skips[4], 'neck', 96, 1));
    for (const [level, channels] of [
      [4, 112],
      [3, 64],
      [2, 48],
      [1, 16],
    ]) {
      const joined = net.concat([net.upsample(map, `doubled${level}`), skips[level - 1]], 1, `joined${level}`);
      map = this.#relu(this.#conv(joined, `up${level}`, channels, 3));
    }
    return net.build([this.#conv(map, 'logits', 21, 1)]);
  }

  /** A stem and four stages; the n-th map has a 2^(n+1)-th of the picture's side. */
  #backbone(side: number): string[] {
    const image = this.#net.input('image', [1, 3, side, side]);
    const maps = [this.#relu(this.#conv(image, 'stem', 32, 3, 2))];
    for (const [i, [channels, blocks]] of STAGES.entries()) {
      let map = maps[i];
      for (let b = 0; b < blocks; b++) map = this.#block(map, `stage${i + 1}.${b}`, channels, b === 0 ? 2 : 1);
      maps.push(map);
    }
    return maps;
  }

  /** Two 3×3 convolutions beside a shortcut, which pools before its 1×1 convolution where the block halves the map. */
  #block(x: string, name: string, channels: number, stride: number): string {
    const first = this.#relu(this.#conv(x, `${name}.conv1`, channels, 3, stride));
    const second = this.#conv(first, `${name}.conv2`, channels, 3);
    const shortcut = stride === 1 ? x : this.#conv(this.#pool(x, name), `${name}.shortcut`, channels, 1);
    return this.#relu(this.#net.binary('add', shortcut, second, `${name}.add`));
  }

  #pool(x: string, name: string): string {
    const windows = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0] } as const;
    return this.#net.add('max-pool2d', [x], { ...windows, ceilMode: false }, `${name}.pool`)[0];
  }

  #conv(x: string, name: string, channels: number, kernel: number, stride = 1): string {
    this.#add(name, [channels, this.#net.shape(x)[1], kernel, kernel]);
    return this.#net.conv(x, name, stride);
  }

  #relu(x: string): string {
    return this.#net.activate(x, `${x}.relu`);
  }

  /** `[1, A · K, H, W]` to a row for each of A boxes in H · W cells. */
  #rows(map: string, perBox: number): string {
    const [, channels, height, width] = this.#net.shape(map);
    const [last] = this.#net.add('transpose', [map], { permutation: [0, 2, 3, 1] }, `${map}.last`);
    const shape = [1, (height * width * channels) / perBox, perBox];
    return this.#net.add('reshape', [last], { shape }, `${map}.rows`)[0];
  }

  /** Random weights that keep the numbers' size from layer to layer, and biases. */
  #add(name: string, shape: readonly [number, number, ...number[]]): void {
    const inputs = shape.slice(1).reduce((a, b) => a * b);
    const most = Math.sqrt(6 / inputs);
    this.#weights.set(`${name}.weight`, this.#random.tensor(shape, -most, most));
    this.#weights.set(`${name}.bias`, this.#random.tensor([shape[0]], -0.1, 0.1));
  }
}
