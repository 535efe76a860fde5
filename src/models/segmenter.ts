import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import { Tensor } from '../tensor';
import { NetworkBuilder } from './layers';
import { convNorm, mobileNet } from './mobilenet';

/**
 * Which pixels? A U-Net (Ronneberger et al. 2015): the way down is MobileNetV2; each step up doubles the map, joins
 * the map of that size from the way down, and convolves both. Beside it the coarsest map says what there is, with the
 * classifier's wide layer. Both answers are added: the way up has to find only where things end. S = 192:
 *
 * ```
 * image    [1,   3, 192, 192]
 * c1 … c5  [1,  16,  96,  96]  [1, 24, 48, 48]  [1, 32, 24, 24]  [1, 96, 12, 12]  [1, 320, 6, 6]
 * neck     [1,  96,   6,   6]   1×1
 * up4      [1, 128,  12,  12]   3×3 of neck doubled (96) beside c4 (96)
 * up3      [1,  64,  24,  24]   3×3 of up4 doubled (128) beside c3 (32)
 * up2      [1,  48,  48,  48]   3×3 of up3 doubled (64) beside c2 (24)
 * up1      [1,  16,  96,  96]   3×3 of up2 doubled (48) beside c1 (16)
 * head     [1,  21,  96,  96]   1×1
 * top      [1, 640,   6,   6]   1×1 of c5
 * coarse   [1,  21,   6,   6]   1×1 of top
 * agreed   [1,  21,   6,   6]   coarse, less for a thing that is nowhere as sure as the surest thing
 * logits   [1,  21,  96,  96]   head + agreed enlarged; 0 is background
 * ```
 *
 * The logits are resized to the picture when every pixel is to have a class.
 */
export function segmenterGraph(weights: ReadonlyMap<string, Tensor>, size: Pair, file = 'segmenter'): Graph {
  const net = new NetworkBuilder('segmenter', weights, file);
  const [c1, c2, c3, c4, c5] = mobileNet(net, net.input('image', [1, 3, ...size]));
  let map = convNorm(net, c5, 'neck', { activation: 'relu' });
  for (const [name, skip] of [
    ['up4', c4],
    ['up3', c3],
    ['up2', c2],
    ['up1', c1],
  ]) {
    const joined = net.concat([net.upsample(map, `${name}.doubled`), skip], 1, `${name}.joined`);
    map = convNorm(net, joined, name, { activation: 'relu' });
  }
  const coarse = net.conv(convNorm(net, c5, 'top', { activation: 'relu6' }), 'coarse');
  const enlarged = net.upsample(agreed(net, coarse), 'agreed.enlarged', 16);
  return net.build([net.binary('add', net.conv(map, 'head'), enlarged, 'logits')]);
}

/** How much a thing's logit falls for each unit by which its highest is below the surest thing's. Chosen on val. */
const AGREEMENT = 0.5;

/**
 * Lets the cells agree on names: a thing that is the surest somewhere is likelier everywhere than one that nowhere is.
 * Background is not judged: it is in most pictures.
 */
function agreed(net: NetworkBuilder, coarse: string): string {
  const [, classes] = net.shape(coarse);
  const [highest] = net.add('global-pool2d', [coarse], { fn: 'max' }, 'highest');
  const [things] = net.add(
    'slice',
    [highest],
    { starts: [0, 1, 0, 0], steps: [1, 1, 1, 1], sizes: [1, classes - 1, 1, 1] },
    'highest.things',
  );
  const [surest] = net.add('reduce', [things], { fn: 'max', axes: [1], keepDims: true }, 'surest');
  const weights = Float32Array.from({ length: classes }, (_, c) => (c === 0 ? 0 : AGREEMENT));
  const agreement = net.constant('agreement', Tensor.float32([1, classes, 1, 1], weights));
  const fall = net.binary('mul', net.binary('sub', highest, surest, 'behind'), agreement, 'fall');
  return net.binary('add', coarse, fall, 'agreed');
}
