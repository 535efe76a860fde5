import type { DetectionOperator, Kernels } from '.';
import { nonMaximumSuppression } from './non-maximum-suppression';
import { ssdDecode } from './ssd-decode';

/** What turns the rows of a detector's heads into things. */
export const detection: Kernels<DetectionOperator> = {
  'non-maximum-suppression': nonMaximumSuppression,
  'ssd-decode': ssdDecode,
};
