import { composePointwise } from './compose-pointwise';
import { fuseExpand } from './fuse-expand';
import { fuseSeparable } from './fuse-separable';
import type { Pass, Target } from './pass';

/** The passes that make one of several convolutions in a row. */
export function joinConvolutions(target: Target): Pass {
  const passes = [composePointwise, fuseSeparable(target), fuseExpand(target)];
  return (graph) => passes.reduce((result, pass) => pass(result), graph);
}
