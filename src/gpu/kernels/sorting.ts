import mergeWgsl from '../../../shaders/top-k-merge.wgsl?raw';
import rankWgsl from '../../../shaders/top-k-rank.wgsl?raw';
import sortWgsl from '../../../shaders/top-k-sort.wgsl?raw';
import { stridesOf } from '../../tensor';
import type { DeviceTraits } from '../adapter-profile';
import { grid1d, linearGrid } from '../grid';
import { type Dispatch, dispatch, elementStorage, type Operand, scratch } from '../kernel';
import { ceilDiv, type TensorDesc } from '../layout';
import { defineShader, type ParamValues } from '../shader';
import type { Rows } from './rows';

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
export interface Sorting {
  readonly by: 'rank' | 'sort';
  readonly runLength: number;
}

/** Rows to be sorted. */
export interface SortJob {
  readonly x: TensorDesc;
  /** The axis that the values of a row lie along. */
  readonly axis: number;
  /** Values wanted of each row. */
  readonly k: number;
  readonly largest: boolean;
  readonly walk: Rows;
  readonly values: Operand;
  readonly indices: Operand;
  /** Where both results go. */
  readonly place: Place;
  readonly device: DeviceTraits;
}

/** The shaders' parameters of these names. */
interface Place {
  readonly values_offset: number;
  readonly indices_offset: number;
  readonly y_steps: readonly number[];
  readonly y_stride: number;
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
  readonly place: Place & { readonly run_step: number };
}

/** Best guess first. Rows of 64 values or fewer are one run. */
export function sortings(length: number, device: DeviceTraits): Sorting[] {
  const ranked = (most: number): Sorting => ({ by: 'rank', runLength: Math.max(Math.min(most, length), 1) });
  const sorted = (most: number): Sorting => ({ by: 'sort', runLength: Math.min(most, nextPowerOfTwo(length)) });
  if (length <= 64) return [ranked(length), sorted(64)];
  const whole = length <= LONGEST_RANKED ? [ranked(length)] : [];
  if (device.profile.slowBarriers) return [ranked(64), sorted(256), ...whole];
  return [sorted(1024), ...(length > 256 ? [sorted(256)] : []), ranked(64), ...whole];
}

const nextPowerOfTwo = (length: number): number => 2 ** Math.max(Math.ceil(Math.log2(length)), 3);

/**
 * The first k of every row in order, and their indices; of equals the lower index comes first. Rows are cut into runs, the
 * runs sorted, and the first k of each merged, in as many launches as it takes.
 */
export function sortPasses(job: SortJob, { by, runLength }: Sorting): Dispatch[] {
  let runs = runsAfter(job, runLength, 0);
  const dispatches = [by === 'rank' ? rankPass(job, runs) : sortPass(job, runs)];
  for (let pass = 1; runs.count > 1; pass++) {
    const merged = runsAfter(job, runs.length * FAN_IN, pass);
    dispatches.push(mergePass(job, runs, merged));
    runs = merged;
  }
  return dispatches;
}

const lengthOf = ({ x, axis }: SortJob): number => x.shape[axis];

/** A single run per row is the result; more of them wait in scratch memory for the next pass, row after row. */
function runsAfter(job: SortJob, length: number, pass: number): Runs {
  const { walk, values, indices, place } = job;
  const count = Math.max(ceilDiv(lengthOf(job), length), 1);
  const kept = Math.min(length, job.k);
  if (count === 1) return { count, length, kept, values, indices, place: { ...place, run_step: 0 } };
  const waiting = (name: string): Operand => scratch(`${name} ${pass}`, walk.count * count * kept * 4);
  const y_steps = stridesOf(walk.rows).map((step) => step * count * kept);
  const inScratch = { values_offset: 0, indices_offset: 0, y_steps, y_stride: 1, run_step: kept };
  return { count, length, kept, values: waiting('values'), indices: waiting('indices'), place: inScratch };
}

/** What the passes over x are compiled for. */
export const settings = ({ x, largest }: SortJob) => ({
  constants: { INTEGER: x.dtype !== 'float32', LEAST: !largest },
  storage: elementStorage(x),
});

/** The parameters that say where the rows of x are. */
export function overInput(job: SortJob): ParamValues {
  const { rows, x_steps, count } = job.walk;
  return { rows, x_steps, x_offset: job.x.offset, x_stride: job.x.strides[job.axis], count, length: lengthOf(job) };
}

function rankPass(job: SortJob, runs: Runs): Dispatch {
  return dispatch(rank, {
    ...settings(job),
    grid: linearGrid(job.walk.count * lengthOf(job), job.device),
    bind: { x: job.x, values: runs.values, indices: runs.indices },
    params: { ...overInput(job), ...runs.place, kept: runs.kept, run_length: runs.length },
  });
}

function sortPass(job: SortJob, runs: Runs): Dispatch {
  return dispatch(sort, {
    ...settings(job),
    grid: {
      workgroups: grid1d(job.walk.count * runs.count, 1, job.device),
      constants: { CAPACITY: runs.length, WORKGROUP: runs.length / SORT_SHARE },
    },
    bind: { x: job.x, values: runs.values, indices: runs.indices },
    params: { ...overInput(job), ...runs.place, kept: runs.kept, runs: runs.count },
  });
}

function mergePass(job: SortJob, from: Runs, to: Runs): Dispatch {
  const { constants, storage } = settings(job);
  const { rows, count } = job.walk;
  return dispatch(merge, {
    grid: linearGrid(count * from.count * from.kept, job.device),
    constants: { ...constants, FAN_IN },
    bind: { run_values: from.values, run_indices: from.indices, values: to.values, indices: to.indices },
    params: {
      ...to.place,
      ...{ rows, count, length: lengthOf(job) },
      ...{ runs: from.count, run_length: from.length, run_kept: from.kept, kept: to.kept },
    },
    storage,
  });
}
