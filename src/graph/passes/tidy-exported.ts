import { dropDead } from './drop-dead';
import { foldPadding } from './fold-padding';
import { fuseGates } from './fuse-gates';
import { fuseLayerNorm } from './fuse-layer-norm';
import { optimiseWith, type Pass, type Passes } from './pass';
import { sinkTransposes } from './sink-transposes';
import { zerosToPadding } from './zeros-to-padding';

const PASSES: Passes = [
  ['drop dead nodes', dropDead],
  ['sink transposes', sinkTransposes],
  ['zeros to padding', zerosToPadding],
  ['fold padding', foldPadding],
  ['fuse gates', fuseGates],
  ['fuse layer normalisation', fuseLayerNorm],
];

/** Simplifies verbose patterns that exporters emit; graphs built by hand do not have them. */
export const tidyExported: Pass = (graph) => optimiseWith(PASSES, graph);
