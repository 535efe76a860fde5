import wgsl from '../../../shaders/scatter.wgsl?raw';
import { sizeOf } from '../../tensor';
import { linearGrid } from '../grid';
import { allLinear, type Candidate, dispatch, elementStorage, type OperatorKernels, scratch } from '../kernel';
import { defineShader } from '../shader';
import { rowsOf } from './rows';
import { sortings, sortPasses } from './sorting';

const shader = defineShader('scatter', wgsl);
const REDUCTIONS = { none: 0, add: 1, mul: 2, max: 3, min: 4 } as const;

/** Rows replaced by updates or combined with them: the indices are sorted first. */
export const scatter: OperatorKernels<'scatter'> = {
  layouts: allLinear,
  candidates: ({ node, inputs: [x, indices, updates], outputs: [y], device }) => {
    const [count] = indices.shape;
    const size = sizeOf(y.shape);
    const sorted = scratch('sorted', Math.max(count, 1) * 4);
    const order = scratch('order', Math.max(count, 1) * 4);
    // All indices are one row, the least first.
    const walk = rowsOf([])!;
    const place = { values_offset: 0, indices_offset: 0, y_steps: walk.y_steps, y_stride: 1 };
    const all = { axis: 0, k: count, largest: false };
    const job = { ...all, x: indices, walk, values: sorted, indices: order, place, device };
    const combination = dispatch(shader, {
      grid: linearGrid(size, device),
      constants: { REDUCTION: REDUCTIONS[node.attributes.reduction], INTEGER: x.dtype !== 'float32' },
      bind: { x, sorted, order, updates, y },
      params: {
        ...{ size, width: size / y.shape[0], count },
        ...{ x_offset: x.offset, updates_offset: updates.offset, y_offset: y.offset },
      },
      storage: elementStorage(x),
    });
    return sortings(count, device).map(
      (sorting): Candidate => ({
        kernel: 'scatter',
        setting: `indices by ${sorting.by} in runs of ${sorting.runLength}`,
        dispatches: [...sortPasses(job, sorting), combination],
      }),
    );
  },
};
