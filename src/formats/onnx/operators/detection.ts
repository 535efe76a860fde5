import { Tensor } from '../../../tensor';
import type { Value } from '../graph-writer';
import type { NodeContext, OperatorImporter } from '../node-context';
import { INT64 } from '../types';

/** Rows (batch, class, box) of the boxes that stay. Only a run tells how many there are. */
function nonMaxSuppression(node: NodeContext): Value {
  const [boxes, scores] = [node.input(0), node.input(1)];
  const number = (index: number, what: string, fallback: number): number => {
    const input = node.optional(index);
    return input ? node.number(input, what) : fallback;
  };
  const maxPerClass = number(2, 'max_output_boxes_per_class', 0);
  const boxFormat = node.flag('center_point_box') ? 'center' : 'corners';
  const iouThreshold = number(3, 'iou_threshold', 0);
  // Without a threshold every box may stay.
  const scoreThreshold = number(4, 'score_threshold', -3.4e38);
  if (!(maxPerClass > 0)) return node.constant(Tensor.int32([0, 3]), INT64);
  const [indices, , count] = node.emitAll('non-maximum-suppression', [boxes, scores], {
    scoreLayout: 'class-first',
    boxFormat,
    iouThreshold,
    scoreThreshold,
    maxPerClass: Math.min(maxPerClass, Math.max(boxes.shape[1], 1)),
    firstClass: 0,
  });
  return node.limitRows(indices, count);
}

export const detection: Readonly<Record<string, OperatorImporter>> = {
  NonMaxSuppression: nonMaxSuppression,
};
