import { composePointwise } from './compose-pointwise';
import { fuseExpand } from './fuse-expand';
import { fuseSeparable } from './fuse-separable';
import { fuseShortcut } from './fuse-shortcut';
import type { Pass, Target } from './pass';

/** The passes that make one of several convolutions in a row. */
export function joinConvolutions(target: Target): Pass {
  const passes = [composePointwise, fuseShortcut(target), fuseSeparable(target), fuseExpand(target)];
  return (graph) => passes.reduce((result, pass) => pass(result), graph);
}
