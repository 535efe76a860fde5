import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import type { Tensor } from '../tensor';
import { type DefaultBoxSettings, defaultBoxes } from './default-boxes';
import { NetworkBuilder } from './layers';
import { convNorm, mobileNet } from './mobilenet';

/** When a box gives way to a better one. */
export interface SuppressionSettings {
  /** Two boxes of one class that overlap by more than this (intersection over union) are one thing: the better stays. */
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
  readonly maxPerClass: number;
}

/**
 * What is where? A single-shot detector (Liu et al. 2016, "SSD"): each cell of four feature maps scores its default
 * boxes and says how each is to be moved and stretched. The two finer maps are refined from above first
 * (Lin et al. 2017, "Feature pyramid networks"). S = 224:
 *
 * ```
 * image       [1,  3, 224, 224]
 * c3 c4 c5    [1, 32, 28, 28]  [1, 96, 14, 14]  [1, 320, 7, 7]
 * t5          [1, 96,  7,  7]   1×1 of c5
 * t4          [1, 96, 14, 14]   1×1 of c4 + t5 doubled
 * t3          [1, 96, 28, 28]   1×1 of c3 + t4 doubled
 * p3 p4       [1, 96, 28, 28]  [1, 96, 14, 14]   3×3 of t3, of t4
 * p6          [1, 96,  4,  4]   3×3 with stride 2 of t5
 * scores      [1, 4702, 21]     3×3 of p3, p4, t5, p6, a row per default box; 0 is background
 * offsets     [1, 4702,  4]     likewise
 * boxes       [1, 4702,  4]     xmin, ymin, xmax, ymax in 0..1
 * detections  [20 · maxPerClass, 6]
 * ```
 */
export function detectorGraph(
  weights: ReadonlyMap<string, Tensor>,
  size: Pair,
  boxSettings: DefaultBoxSettings,
  suppression: SuppressionSettings,
  file = 'detector',
): Graph {
  const net = new NetworkBuilder('detector', weights, file);
  const [, , c3, c4, c5] = mobileNet(net, net.input('image', [1, 3, ...size]));

  const t5 = convNorm(net, c5, 'lateral5', { activation: 'relu' });
  const t4 = net.activate(withUpper(net, convNorm(net, c4, 'lateral4'), t5, '4'), 't4');
  const t3 = net.activate(withUpper(net, convNorm(net, c3, 'lateral3'), t4, '3'), 't3');
  const p3 = convNorm(net, t3, 'smooth3', { activation: 'relu' });
  const p4 = convNorm(net, t4, 'smooth4', { activation: 'relu' });
  const p6 = convNorm(net, t5, 'extra6', { stride: 2, activation: 'relu' });

  // The three coarser maps have boxes of the same shapes, relative to their scale, and share their head.
  const heads = [p3, p4, t5, p6].map((map, k) => [map, k === 0 ? 'head_fine' : 'head_coarse'] as const);
  const classes = weightRows(net, 'head_fine.cls') / (weightRows(net, 'head_fine.box') / 4);
  const logits = net.concat(
    heads.map(([map, head]) => boxRows(net, net.conv(map, `${head}.cls`), classes)),
    1,
    'logits',
  );
  const offsets = net.concat(
    heads.map(([map, head]) => boxRows(net, net.conv(map, `${head}.box`), 4)),
    1,
    'offsets',
  );

  const scores = net.softmax(logits, 2, 'scores');
  const anchors = net.constant('default_boxes', defaultBoxes(boxSettings));
  const [boxes] = net.add('ssd-decode', [offsets, anchors], { variances: boxSettings.variances, clip: true }, 'boxes');
  const [, detections, count] = net.add(
    'non-maximum-suppression',
    [boxes, scores],
    { scoreLayout: 'box-first', boxFormat: 'corners', firstClass: 1, ...suppression },
    'nms',
    ['kept', 'detections', 'count'],
  );
  net.limitRows(detections, count);
  return net.build([detections]);
}

/** A map plus the coarser one above it, every pixel of which is repeated 2×2. */
function withUpper(net: NetworkBuilder, map: string, upper: string, level: string): string {
  return net.binary('add', map, net.repeat(upper, `repeat${level}`), `sum${level}`);
}

/** `[1, A · K, H, W]` to `[1, H · W · A, K]`: a row for each default box, in the order of {@link defaultBoxes}. */
function boxRows(net: NetworkBuilder, map: string, perBox: number): string {
  const [, channels, height, width] = net.shape(map);
  const [last] = net.add('transpose', [map], { permutation: [0, 2, 3, 1] }, `${map}.last`);
  const rows = (height * width * channels) / perBox;
  return net.add('reshape', [last], { shape: [1, rows, perBox] }, `${map}.rows`)[0];
}

const weightRows = (net: NetworkBuilder, name: string): number => net.weight(`${name}.weight`).shape[0];
