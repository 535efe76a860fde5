import type { NetworkBuilder } from './layers';

/** Output channels of the stem and of the four stages, and the residual blocks of each stage. */
export const BACKBONE = { stem: 32, channels: [48, 96, 192, 224], blocks: [2, 2, 2, 1] } as const;

/**
 * The feature extractor that detector and segmenter share: a stem and four stages of residual blocks
 * (He et al. 2016, "Deep residual learning", with the shortcut of He et al. 2019, "Bag of tricks", section 4.2).
 *
 * ```
 * x   [N,   3, S,    S   ]
 * c1  [N,  32, S/2,  S/2 ]   stem: 3×3, stride 2
 * c2  [N,  48, S/4,  S/4 ]   two blocks
 * c3  [N,  96, S/8,  S/8 ]   two blocks
 * c4  [N, 192, S/16, S/16]   two blocks
 * c5  [N, 224, S/32, S/32]   one block
 * ```
 *
 * @returns c1 to c5
 */
export function backbone(net: NetworkBuilder, x: string): string[] {
  const features = [net.activate(convNorm(net, x, 'stem', 2), 'stem.relu')];
  for (const [i, blocks] of BACKBONE.blocks.entries()) {
    let y = features[i];
    for (let b = 0; b < blocks; b++) y = residualBlock(net, y, `stage${i + 1}.${b}`, b === 0 ? 2 : 1);
    features.push(y);
  }
  return features;
}

/** Convolution without bias, then batch normalisation. */
export function convNorm(net: NetworkBuilder, x: string, name: string, stride = 1): string {
  return net.batchNorm(net.conv(x, `${name}.conv`, stride), `${name}.bn`);
}

/**
 * Two 3×3 convolutions beside a shortcut. A block that halves the picture pools in its shortcut before the 1×1
 * convolution, so that no pixel is skipped.
 */
function residualBlock(net: NetworkBuilder, x: string, name: string, stride: number): string {
  const first = net.activate(net.batchNorm(net.conv(x, `${name}.conv1`, stride), `${name}.bn1`), `${name}.relu1`);
  const second = net.batchNorm(net.conv(first, `${name}.conv2`), `${name}.bn2`);
  const shortcut = stride === 2 ? convNorm(net, net.maxPool(x, `${name}.pool`), `${name}.shortcut`) : x;
  return net.activate(net.binary('add', shortcut, second, `${name}.add`), `${name}.relu2`);
}
