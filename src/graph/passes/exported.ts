import { optimiseWith, type Pass, type Passes } from '.';
import { dropDead } from './drop-dead';
import { foldPadding } from './fold-padding';
import { fuseGates } from './fuse-gates';
import { sinkTransposes } from './sink-transposes';
import { zerosToPadding } from './zeros-to-padding';

/** What exporters write at length, said shortly again; who builds a graph by hand does not need it. */
export const EXPORTED_PASSES: Passes = [
  ['drop dead nodes', dropDead],
  ['sink transposes', sinkTransposes],
  ['zeros to padding', zerosToPadding],
  ['fold padding', foldPadding],
  ['fuse gates', fuseGates],
];

/** Runs the passes for imported graphs, in order. */
export const tidyExported: Pass = (graph) => optimiseWith(EXPORTED_PASSES, graph);
