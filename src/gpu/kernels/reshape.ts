import { stridesOf } from '../../tensor';
import type { Layout, OperatorKernels } from '../kernel';
import { copying, sameRegion, stridedCopy, wholeOf } from './strided-copy';

/**
 * The same numbers under another shape, row-major. The result can be seen under the input's shape, for it has the
 * same order: a strided copy then takes any layout of the input, and a row-major input needs no copy at all.
 */
export const reshape: OperatorKernels<'reshape'> = {
  layouts: (_node, _graph, have): { inputs: Layout[]; outputs: Layout[] } => ({
    inputs: [have[0]],
    outputs: ['linear'],
  }),
  candidates: ({ inputs: [x], outputs: [y], device }) => {
    const to = { tensor: y, offset: y.offset, strides: stridesOf(x.shape) };
    return copying(sameRegion(x.shape, wholeOf(x), to) ? [] : [stridedCopy(x.shape, wholeOf(x), to, device)]);
  },
};
