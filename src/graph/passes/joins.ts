import type { Passes, Target } from '.';
import { fuseUpsampling } from './fuse-upsampling';
import { mergeHeads } from './merge-heads';
import { repeatResidual } from './repeat-residual';

/** For networks whose branches join again; a plain classifier has nothing for them to do. */
export const joinPasses = (target: Target): Passes => [
  ['merge heads', mergeHeads],
  ['repeat residual', repeatResidual],
  ['fuse upsampling', fuseUpsampling(target)],
];
