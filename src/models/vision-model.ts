import type { Graph } from '../graph/graph';
import type { PictureSpec } from '../picture';

/** A network with everything that a task needs to use it. */
export interface VisionModel {
  /** The name of the task that the network is made for. */
  readonly task: string;
  /**
   * One picture input, and by task these outputs:
   * classify: `probabilities` `[1, classes]`.
   * detect: `detections` `[M, 6]` (xmin, ymin, xmax, ymax in 0..1 of the input, score, class), the best of each class
   * first, as many as count, after non-maximum suppression at a low score.
   * segment: `logits` `[1, classes, h, w]`.
   */
  readonly graph: Graph;
  /** By class index: for detect, index 0 is background and is never detected; for segment, it is background. */
  readonly labels: readonly string[];
  /** The training data's names of the classes, where they differ from `labels`. */
  readonly dataNames?: readonly string[];
  /** The score at which the network names as many things wrongly as it leaves out, on pictures kept for choosing. */
  readonly threshold?: number;
  readonly spec: PictureSpec;
}
