import { GraphBuilder } from '../../src/graph/builder';
import type { VisionModel } from '../../src/models';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import type { PictureSpec } from '../../src/picture';
import { Tensor } from '../../src/tensor';
import { Random } from './random';

/** A network of one layer for each task, whose answers depend on the picture. */

const spec: PictureSpec = { size: [8, 8], fit: 'squash', mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

/** Four channels of eight by eight, from a 1×1 convolution with random weights. */
function features(b: GraphBuilder): string {
  const x = b.input('image', [1, 3, 8, 8]);
  const weight = b.constant('weight', new Random(14).tensor([4, 3, 1, 1]));
  const attributes = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  return b.add('conv2d', [x, weight, b.constant('bias', Tensor.float32([4]))], attributes)[0];
}

export function tinyClassifier(): VisionModel {
  const b = new GraphBuilder('tiny classifier');
  const [pooled] = b.add('global-pool2d', [features(b)], { fn: 'mean' });
  const [logits] = b.add('reshape', [pooled], { shape: [1, 4] });
  const graph = b.build(b.add('softmax', [logits], { axis: 1, log: false }, 'probabilities'));
  return { task: 'classify', graph, labels: ['a', 'b', 'c', 'd'], spec };
}

/** A fixed box around each pixel; the picture decides the scores. */
export function tinyDetector(): VisionModel {
  const b = new GraphBuilder('tiny detector');
  const [scores] = b.add('reshape', [features(b)], { shape: [1, 4, 64] });
  const corners = Array.from({ length: 64 }, (_, i) => [i % 8, i >> 3]).flatMap(([x, y]) => [x, y, x + 2, y + 2]);
  const boxes = b.constant(
    'boxes',
    Tensor.float32(
      [1, 64, 4],
      corners.map((v) => v / 8),
    ),
  );
  const [, detections, count] = b.add(
    'non-maximum-suppression',
    [boxes, scores],
    {
      scoreLayout: 'class-first',
      boxFormat: 'corners',
      iouThreshold: 0.2,
      scoreThreshold: 0.3,
      maxPerClass: 9,
      firstClass: 1,
    },
    'nms',
    ['kept', 'detections', 'count'],
  );
  b.limitRows(detections, count);
  return { task: 'detect', graph: b.build([detections]), labels: ['background', 'a', 'b', 'c'], spec };
}

export function tinySegmenter(): VisionModel {
  const b = new GraphBuilder('tiny segmenter');
  const graph = b.build(b.add('unary', [features(b)], { fn: 'neg', alpha: 0, beta: 0 }, 'logits'));
  return { task: 'segment', graph, labels: ['background', 'a', 'b', 'c'], spec };
}
