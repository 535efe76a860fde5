import { convBeforeResize } from './conv-before-resize';
import { fuseUpsampling } from './fuse-upsampling';
import type { Pass, Target } from './pass';
import { repeatResidual } from './repeat-residual';

/** The passes that move convolutions ahead of enlargements, or make one of both. */
export function joinEnlargements(target: Target): Pass {
  const passes = [convBeforeResize, repeatResidual, fuseUpsampling(target)];
  return (graph) => passes.reduce((result, pass) => pass(result), graph);
}
