import type { Pass } from '.';
import { mergeHeads } from './merge-heads';
import { repeatResidual } from './repeat-residual';

/** For networks whose branches join again; a plain classifier has nothing for them to do. */
export const JOIN_PASSES: readonly (readonly [name: string, pass: Pass])[] = [
  ['merge heads', mergeHeads],
  ['repeat residual', repeatResidual],
];
