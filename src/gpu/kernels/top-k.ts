import bestWgsl from '../../../shaders/top-k-best.wgsl?raw';
import { linearGrid } from '../grid';
import { type Candidate, candidate, type OperatorKernels, tensor } from '../kernel';
import { defineShader } from '../shader';
import { keptAxes, rowsOf } from './rows';
import { overInput, type SortJob, settings, sortings, sortPasses } from './sorting';

const best = defineShader('top-k-best', bestWgsl);

/** Rows from this length on are cut into runs, even where only the best value of each is wanted. */
const LONGEST_WALK = 1024;

/** The k greatest or least values along any axis, from either layout. */
export const topK: OperatorKernels<'top-k'> = {
  layouts: (_node, _graph, [have]) => ({ inputs: [have], outputs: ['linear', 'linear'] }),
  readsParts: 'values',
  candidates: ({ node: { attributes }, inputs: [x], outputs: [values, indices], device }) => {
    const { axis, k } = attributes;
    const walk = rowsOf(keptAxes(x, values, [axis], (a) => a));
    if (!walk) return [];
    const place = {
      values_offset: values.offset,
      indices_offset: indices.offset,
      y_steps: walk.y_steps,
      y_stride: values.strides[axis],
    };
    const length = x.shape[axis];
    const job = { ...attributes, x, walk, values: tensor(values), indices: tensor(indices), place, device };
    const sorted = sortings(length, device).map(
      (sorting): Candidate => ({
        kernel: sorting.by === 'rank' ? 'top-k-rank' : 'top-k-sort',
        setting: `runs of ${sorting.runLength}`,
        dispatches: sortPasses(job, sorting),
      }),
    );
    return k === 1 && length < LONGEST_WALK ? [bestOfRows(job), ...sorted] : sorted;
  },
};

function bestOfRows(job: SortJob): Candidate {
  const { y_stride: _, ...place } = job.place;
  return candidate(best, {
    ...settings(job),
    grid: linearGrid(job.walk.count, job.device),
    bind: { x: job.x, values: job.values, indices: job.indices },
    params: { ...overInput(job), ...place },
  });
}
