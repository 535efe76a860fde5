import mergeWgsl from '../../../shaders/top-k-merge.wgsl?raw';
import rankWgsl from '../../../shaders/top-k-rank.wgsl?raw';
import sortWgsl from '../../../shaders/top-k-sort.wgsl?raw';
import { stridesOf } from '../../tensor';
import type { DeviceTraits } from '../adapter-profile';
import { grid1d, linearGrid } from '../grid';
import {
  type Candidate,
  type Dispatch,
  dispatch,
  elementStorage,
  type KernelContext,
  type Operand,
  type OperatorKernels,
  scratch,
  tensor,
} from '../kernel';
import { ceilDiv } from '../layout';
import { defineShader, type ParamValues } from '../shader';
import { keptAxes, type Rows, rowsOf } from './rows';

const rank = defineShader('top-k-rank', rankWgsl);
const sort = defineShader('top-k-sort', sortWgsl);
const merge = defineShader('top-k-merge', mergeWgsl);

/** Values that an invocation of a sort looks after. */
const SORT_SHARE = 8;
/** Sorted runs that one pass merges into one. */
const FAN_IN = 16;
/** No longer row is ranked as a whole, where every value is compared with every other. */
const LONGEST_RANKED = 1024;

/** A way to sort runs, and their length. */
interface Sorting {
  readonly by: 'rank' | 'sort';
  readonly runLength: number;
}

/** The sorted runs of every row after a pass, and where it writes them. */
interface Runs {
  /** Runs in each row. */
  readonly count: number;
  /** Values of the row that one run stands for. */
  readonly length: number;
  /** Values of a run that are left: only its first k can be among the first k of the row. */
  readonly kept: number;
  readonly values: Operand;
  readonly indices: Operand;
  readonly place: ParamValues;
}

/**
 * The k greatest or least values along any axis, from either layout. Rows are cut into runs, the runs sorted, and the
 * first k of each merged, in as many launches as it takes.
 */
export const topK: OperatorKernels<'top-k'> = {
  layouts: (_node, _graph, [have]) => ({ inputs: [have], outputs: ['linear', 'linear'] }),
  candidates: (context) => {
    const { node, inputs, outputs, device } = context;
    const [x] = inputs;
    const [values] = outputs;
    const { axis } = node.attributes;
    const walk = rowsOf(keptAxes(x, values, [axis], (a) => a));
    if (!walk) return [];
    return sortings(x.shape[axis], device).map(
      (sorting): Candidate => ({
        kernel: sorting.by === 'rank' ? 'top-k-rank' : 'top-k-sort',
        setting: `runs of ${sorting.runLength}`,
        dispatches: passes(context, walk, sorting),
      }),
    );
  },
};

/** Best guess first. Rows of 64 values or fewer are one run. */
function sortings(length: number, device: DeviceTraits): Sorting[] {
  const ranked = (most: number): Sorting => ({ by: 'rank', runLength: Math.max(Math.min(most, length), 1) });
  const sorted = (most: number): Sorting => ({ by: 'sort', runLength: Math.min(most, nextPowerOfTwo(length)) });
  if (length <= 64) return [ranked(length), sorted(64)];
  const whole = length <= LONGEST_RANKED ? [ranked(length)] : [];
  if (device.profile.slowBarriers) return [ranked(64), sorted(256), ...whole];
  return [sorted(1024), ...(length > 256 ? [sorted(256)] : []), ranked(64), ...whole];
}

const nextPowerOfTwo = (length: number): number => 2 ** Math.max(Math.ceil(Math.log2(length)), 3);

function passes(context: KernelContext<'top-k'>, walk: Rows, { by, runLength }: Sorting): Dispatch[] {
  let runs = runsAfter(context, walk, runLength, 0);
  const dispatches = [by === 'rank' ? rankPass(context, walk, runs) : sortPass(context, walk, runs)];
  for (let pass = 1; runs.count > 1; pass++) {
    const merged = runsAfter(context, walk, runs.length * FAN_IN, pass);
    dispatches.push(mergePass(context, walk, runs, merged));
    runs = merged;
  }
  return dispatches;
}

/** A single run per row is the result; more of them wait in scratch memory for the next pass, row after row. */
function runsAfter({ node, inputs, outputs }: KernelContext<'top-k'>, walk: Rows, length: number, pass: number): Runs {
  const { axis, k } = node.attributes;
  const [values, indices] = outputs;
  const count = Math.max(ceilDiv(inputs[0].shape[axis], length), 1);
  const kept = Math.min(length, k);
  if (count === 1) {
    const offsets = { values_offset: values.offset, indices_offset: indices.offset };
    const place = { ...offsets, y_steps: walk.y_steps, y_stride: values.strides[axis], run_step: 0 };
    return { count, length, kept, values: tensor(values), indices: tensor(indices), place };
  }
  const waiting = (name: string): Operand => scratch(`${name} ${pass}`, walk.count * count * kept * 4);
  const y_steps = stridesOf(walk.rows).map((step) => step * count * kept);
  const place = { values_offset: 0, indices_offset: 0, y_steps, y_stride: 1, run_step: kept };
  return { count, length, kept, values: waiting('values'), indices: waiting('indices'), place };
}

const settings = ({ node, inputs: [x] }: KernelContext<'top-k'>) => ({
  constants: { INTEGER: x.dtype !== 'float32', LEAST: !node.attributes.largest },
  storage: elementStorage(x),
});

/** The parameters that the passes over x share. */
function overInput({ node, inputs: [x] }: KernelContext<'top-k'>, walk: Rows, runs: Runs): ParamValues {
  const { axis } = node.attributes;
  const { rows, x_steps, count } = walk;
  const where = { rows, x_steps, x_offset: x.offset, x_stride: x.strides[axis] };
  return { ...where, ...runs.place, count, length: x.shape[axis], kept: runs.kept };
}

function rankPass(context: KernelContext<'top-k'>, walk: Rows, runs: Runs): Dispatch {
  const [x] = context.inputs;
  return dispatch(rank, {
    ...settings(context),
    grid: linearGrid(walk.count * x.shape[context.node.attributes.axis], context.device),
    bind: { x, values: runs.values, indices: runs.indices },
    params: { ...overInput(context, walk, runs), run_length: runs.length },
  });
}

function sortPass(context: KernelContext<'top-k'>, walk: Rows, runs: Runs): Dispatch {
  return dispatch(sort, {
    ...settings(context),
    grid: {
      workgroups: grid1d(walk.count * runs.count, 1, context.device),
      constants: { CAPACITY: runs.length, WORKGROUP: runs.length / SORT_SHARE },
    },
    bind: { x: context.inputs[0], values: runs.values, indices: runs.indices },
    params: { ...overInput(context, walk, runs), runs: runs.count },
  });
}

function mergePass(context: KernelContext<'top-k'>, { rows, count }: Rows, from: Runs, to: Runs): Dispatch {
  const { constants, storage } = settings(context);
  return dispatch(merge, {
    grid: linearGrid(count * from.count * from.kept, context.device),
    constants: { ...constants, FAN_IN },
    bind: { run_values: from.values, run_indices: from.indices, values: to.values, indices: to.indices },
    params: {
      ...to.place,
      ...{ rows, count, length: context.inputs[0].shape[context.node.attributes.axis] },
      ...{ runs: from.count, run_length: from.length, run_kept: from.kept, kept: to.kept },
    },
    storage,
  });
}
