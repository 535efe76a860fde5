import type { NetworkBuilder } from './layers';

/** What a stage of inverted residuals is made of. */
interface Stage {
  /** How many times as wide a block is in its middle as at its start. */
  readonly expansion: number;
  readonly blocks: number;
  /** Of the first block; the others keep the size. */
  readonly stride: 1 | 2;
}

const STAGES: readonly Stage[] = [
  { expansion: 1, blocks: 1, stride: 1 },
  { expansion: 6, blocks: 2, stride: 2 },
  { expansion: 6, blocks: 3, stride: 2 },
  { expansion: 6, blocks: 4, stride: 2 },
  { expansion: 6, blocks: 3, stride: 1 },
  { expansion: 6, blocks: 3, stride: 2 },
  { expansion: 6, blocks: 1, stride: 1 },
];

/**
 * MobileNetV2 (Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", table 2) up to its last
 * stage: a stem and seven stages of inverted residuals.
 *
 * ```
 * x  [N,   3, S,    S   ]
 *    [N,  32, S/2,  S/2 ]   stem: 3×3, stride 2
 *    [N,  16, S/2,  S/2 ]   stage 1: one block
 *    [N,  24, S/4,  S/4 ]   stage 2: two blocks
 *    [N,  32, S/8,  S/8 ]   stage 3: three blocks
 *    [N,  64, S/16, S/16]   stage 4: four blocks
 *    [N,  96, S/16, S/16]   stage 5: three blocks
 *    [N, 160, S/32, S/32]   stage 6: three blocks
 *    [N, 320, S/32, S/32]   stage 7: one block
 * ```
 */
export function mobileNet(net: NetworkBuilder, x: string): string {
  let map = convNormRelu6(net, x, 'stem', 2);
  for (const [i, { expansion, blocks, stride }] of STAGES.entries())
    for (let b = 0; b < blocks; b++) map = invertedResidual(net, map, `stage${i + 1}.${b}`, expansion, b ? 1 : stride);
  return map;
}

/**
 * 1×1 to many channels, a 3×3 filter for each of them, 1×1 back to few, which are added to where they came from if
 * they are as many and of the same size. The few have no activation: it would lose too much of them.
 */
function invertedResidual(net: NetworkBuilder, x: string, name: string, expansion: number, stride: 1 | 2): string {
  const channels = net.shape(x)[1];
  const groups = channels * expansion;
  const wide = expansion === 1 ? x : convNormRelu6(net, x, `${name}.expand`);
  const filtered = convNormRelu6(net, wide, `${name}.depthwise`, stride, groups);
  const few = net.batchNorm(net.conv(filtered, `${name}.project.conv`), `${name}.project.bn`);
  return stride === 1 && net.shape(few)[1] === channels ? net.binary('add', x, few, `${name}.add`) : few;
}

/** Convolution without bias, batch normalisation, and the activation that stops at 6. */
export function convNormRelu6(net: NetworkBuilder, x: string, name: string, stride = 1, groups = 1): string {
  const normalised = net.batchNorm(net.conv(x, `${name}.conv`, stride, groups), `${name}.bn`);
  return net.activate(normalised, `${name}.relu6`, 'relu6');
}
