import { type Candidate, type OperatorKernels, tensor } from '../kernel';
import { keptAxes, rowsOf } from './rows';
import { sortings, sortPasses } from './sorting';

/** The k greatest or least values along any axis, from either layout. */
export const topK: OperatorKernels<'top-k'> = {
  layouts: (_node, _graph, [have]) => ({ inputs: [have], outputs: ['linear', 'linear'] }),
  candidates: ({ node: { attributes }, inputs: [x], outputs: [values, indices], device }) => {
    const { axis } = attributes;
    const walk = rowsOf(keptAxes(x, values, [axis], (a) => a));
    if (!walk) return [];
    const place = {
      values_offset: values.offset,
      indices_offset: indices.offset,
      y_steps: walk.y_steps,
      y_stride: values.strides[axis],
    };
    const job = { ...attributes, x, walk, values: tensor(values), indices: tensor(indices), place, device };
    return sortings(x.shape[axis], device).map(
      (sorting): Candidate => ({
        kernel: sorting.by === 'rank' ? 'top-k-rank' : 'top-k-sort',
        setting: `runs of ${sorting.runLength}`,
        dispatches: sortPasses(job, sorting),
      }),
    );
  },
};
