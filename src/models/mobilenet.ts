import type { NetworkBuilder } from './layers';

/** A stage of inverted residuals; it has as many blocks as there are weights for. */
interface Stage {
  /** How many times as wide a block is in its middle as at its start. */
  readonly expansion: number;
  /** Of the first block; the others keep the size. */
  readonly stride: 1 | 2;
}

const STAGES: readonly Stage[] = [
  { expansion: 1, stride: 1 },
  { expansion: 6, stride: 2 },
  { expansion: 6, stride: 2 },
  { expansion: 6, stride: 2 },
  { expansion: 6, stride: 1 },
  { expansion: 6, stride: 2 },
  { expansion: 6, stride: 1 },
];

/**
 * MobileNetV2 (Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", table 2) up to its last
 * stage, which the three networks share: a stem and seven stages of inverted residuals, of as many blocks as there are
 * weights for. MobileNetV2 has those in brackets.
 *
 * ```
 * x   [N,   3, S,    S   ]
 *     [N,  32, S/2,  S/2 ]   stem: 3×3, stride 2
 * c1  [N,  16, S/2,  S/2 ]   stage 1 [1]
 * c2  [N,  24, S/4,  S/4 ]   stage 2 [2]
 * c3  [N,  32, S/8,  S/8 ]   stage 3 [3]
 *     [N,  64, S/16, S/16]   stage 4 [4]
 * c4  [N,  96, S/16, S/16]   stage 5 [3]
 *     [N, 160, S/32, S/32]   stage 6 [3]
 * c5  [N, 320, S/32, S/32]   stage 7 [1]
 * ```
 *
 * @returns c1 to c5: the last map of each size
 */
export function mobileNet(net: NetworkBuilder, x: string): string[] {
  let map = convNorm(net, x, 'stem', { stride: 2, activation: 'relu6' });
  const features: string[] = [];
  for (const [i, { expansion, stride }] of STAGES.entries()) {
    const block = (b: number): string => `stage${i + 1}.${b}`;
    // The last map of its size is done.
    if (stride === 2) features.push(map);
    for (let b = 0; net.hasLayer(block(b)); b++) {
      map = invertedResidual(net, map, block(b), expansion, b ? 1 : stride);
    }
  }
  return [...features, map];
}

/**
 * 1×1 to many channels, a 3×3 filter for each of them, 1×1 back to few, which are added to where they came from if
 * they are as many and of the same size. The few have no activation: it would lose too much of them.
 */
function invertedResidual(net: NetworkBuilder, x: string, name: string, expansion: number, stride: 1 | 2): string {
  const channels = net.shape(x)[1];
  const groups = channels * expansion;
  const wide = expansion === 1 ? x : convNorm(net, x, `${name}.expand`, { activation: 'relu6' });
  const filtered = convNorm(net, wide, `${name}.depthwise`, { stride, groups, activation: 'relu6' });
  const few = convNorm(net, filtered, `${name}.project`);
  return stride === 1 && net.shape(few)[1] === channels ? net.binary('add', x, few, `${name}.add`) : few;
}

interface ConvNormOptions {
  readonly stride?: number;
  readonly groups?: number;
  readonly activation?: 'relu' | 'relu6';
}

/** Convolution without bias, then batch normalisation, then an activation if one is named. */
export function convNorm(net: NetworkBuilder, x: string, name: string, options: ConvNormOptions = {}): string {
  const { stride = 1, groups = 1, activation } = options;
  const normalised = net.batchNorm(net.conv(x, `${name}.conv`, stride, groups), `${name}.bn`);
  return activation ? net.activate(normalised, `${name}.${activation}`, activation) : normalised;
}
