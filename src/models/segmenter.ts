import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import type { Tensor } from '../tensor';
import { backbone, convNorm } from './backbone';
import { NetworkBuilder } from './layers';

/**
 * Which pixels? A U-Net (Ronneberger et al. 2015): the way down is the backbone; each step up doubles the map, joins
 * the map of that size from the way down, and convolves both. S = 192:
 *
 * ```
 * image    [1,   3, 192, 192]
 * c1 … c5  [1,  32, 96, 96]  [1, 48, 48, 48]  [1, 96, 24, 24]  [1, 192, 12, 12]  [1, 224, 6, 6]
 * neck     [1,  96,  6,  6]   1×1
 * up4      [1, 112, 12, 12]   3×3 of neck doubled (96) beside c4 (192)
 * up3      [1,  64, 24, 24]   3×3 of up4 doubled (112) beside c3 (96)
 * up2      [1,  48, 48, 48]   3×3 of up3 doubled (64) beside c2 (48)
 * up1      [1,  16, 96, 96]   3×3 of up2 doubled (48) beside c1 (32)
 * logits   [1,  21, 96, 96]   1×1; 0 is background
 * ```
 *
 * The logits are resized to the picture when every pixel is to have a class.
 */
export function segmenterGraph(weights: ReadonlyMap<string, Tensor>, size: Pair, file = 'segmenter'): Graph {
  const net = new NetworkBuilder('segmenter', weights, file);
  const [c1, c2, c3, c4, c5] = backbone(net, net.input('image', [1, 3, ...size]));
  let map = net.activate(convNorm(net, c5, 'neck'), 'neck.relu');
  for (const [name, skip] of [
    ['up4', c4],
    ['up3', c3],
    ['up2', c2],
    ['up1', c1],
  ]) {
    const joined = net.concat([net.upsample(map, `${name}.doubled`), skip], 1, `${name}.joined`);
    map = net.activate(convNorm(net, joined, name), `${name}.relu`);
  }
  return net.build([net.conv(map, 'head', 1, 1, 'logits')]);
}
