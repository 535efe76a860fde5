import wgsl from '../../../shaders/strided-copy.wgsl?raw';
import { type Shape, sameShape } from '../../tensor';
import type { DeviceTraits } from '../adapter-profile';
import { linearGrid } from '../grid';
import { type Candidate, type Dispatch, dispatch, elementStorage } from '../kernel';
import { ceilDiv, roundUp, type TensorDesc } from '../layout';
import { defineShader, withAliases } from '../shader';
import { MAX_RANK, type PaddedAxis, type StridedBox, stridedBox } from './strided-box';

const shader = defineShader('strided-copy', wgsl);
/** Elements that an invocation copies where a CPU computes. */
const RUN = 8;
const shaderVec4 = withAliases(shader, { Element: 'vec4<Scalar>' });

/** A box of elements of `tensor`: element `i` is at `offset + Σ i_k · strides[k]`. */
export interface Region {
  readonly tensor: TensorDesc;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** All of a tensor, seen through strides of its own. */
export const wholeOf = (tensor: TensorDesc): Region => ({ tensor, offset: tensor.offset, strides: tensor.strides });

/** Whether two regions of the same shape are one and the same memory, so that there is nothing to copy. */
export function sameRegion(shape: Shape, a: Region, b: Region): boolean {
  return (
    a.tensor.root === b.tensor.root &&
    a.offset === b.offset &&
    shape.every((extent, axis) => extent === 1 || a.strides[axis] === b.strides[axis])
  );
}

/**
 * Copies the box `shape` from one region to another; moves whole vec4s where both regions consist of them.
 *
 * @param padded y's channel axis, when y is nhwc4 and zero must be written to the lanes behind its last channel
 */
export function stridedCopy(shape: Shape, x: Region, y: Region, device: DeviceTraits, padded?: PaddedAxis): Dispatch {
  const box = stridedBox(shape, [y.strides, x.strides], padded);
  const vectors = movesVectors(box, [x.offset, y.offset]);
  const unit = vectors ? 4 : 1;
  const inUnits = (list: readonly number[]): number[] => list.map((n, k) => (k === list.length - 1 ? n : n / unit));
  const innermost = box.extents.at(-1)! / unit;
  const run = device.profile.software ? RUN : 1;
  const runs = ceilDiv(innermost, run);
  const size = box.extents.slice(0, -1).reduce((size, extent) => size * extent, runs);
  return dispatch(vectors ? shaderVec4 : shader, {
    grid: linearGrid(size, device),
    constants: { FIRST_AXIS: box.firstAxis, RUN: run },
    bind: { x: x.tensor, y: y.tensor },
    params: {
      shape: box.extents.with(-1, innermost),
      x_strides: inUnits(box.strides[1]),
      y_strides: inUnits(box.strides[0]),
      x_offset: x.offset / unit,
      y_offset: y.offset / unit,
      runs,
      size,
      valid: box.valid / unit,
    },
    storage: elementStorage(x.tensor),
  });
}

/** Whether every run along the innermost axis is one of whole, aligned vec4s in both tensors. */
function movesVectors({ extents, strides, valid }: StridedBox, offsets: readonly number[]): boolean {
  const last = extents.length - 1;
  return (
    valid === extents[last] &&
    valid % 4 === 0 &&
    offsets.every((offset) => offset % 4 === 0) &&
    strides.every((list) => list.every((stride, axis) => (axis === last ? stride === 1 : stride % 4 === 0)))
  );
}

/** The lanes behind the last channel of an nhwc4 tensor, to be zeroed by who writes axis `axis` of its box. */
export const paddedChannels = ({ layout, shape }: TensorDesc, axis = 1): PaddedAxis | undefined =>
  layout === 'nhwc4' && shape[1] % 4 !== 0 ? { axis, extent: roundUp(shape[1], 4) } : undefined;

/** A box to be copied from one region to another. */
interface Copy {
  readonly shape: Shape;
  readonly x: Region;
  readonly y: Region;
  readonly padded: PaddedAxis | undefined;
}

/** Copies of whatever lies elsewhere; boxes that lie evenly spaced in the same two tensors are one launch. */
export function copyAll(copies: readonly Copy[], device: DeviceTraits): Dispatch[] {
  const runs: Copy[][] = [];
  for (const copy of copies) {
    if (sameRegion(copy.shape, copy.x, copy.y)) continue;
    const run = runs.at(-1);
    if (run && continues(run, copy)) run.push(copy);
    else runs.push([copy]);
  }
  return runs.map((run) => {
    const [{ shape, x, y, padded }, second] = run;
    if (!second) return stridedCopy(shape, x, y, device, padded);
    const spaced = (region: Region, next: Region): Region => {
      return { ...region, strides: [next.offset - region.offset, ...region.strides] };
    };
    return stridedCopy([run.length, ...shape], spaced(x, second.x), spaced(y, second.y), device);
  });
}

/** Whether a box lies as far behind a run's last, in both tensors, as those of the run lie behind each other. */
function continues(run: readonly Copy[], copy: Copy): boolean {
  const [first, second = copy] = run;
  const last = run[run.length - 1];
  const follows = (side: 'x' | 'y'): boolean =>
    first[side].tensor.root === copy[side].tensor.root &&
    first[side].strides.every((stride, axis) => stride === copy[side].strides[axis]) &&
    copy[side].offset - last[side].offset === second[side].offset - first[side].offset;
  const isPlain = !first.padded && !copy.padded && copy.shape.length < MAX_RANK;
  return isPlain && sameShape(first.shape, copy.shape) && follows('x') && follows('y');
}

/** Copies to the whole of `y` from a region of `x`, padding lanes included; nothing where `x` lies there already. */
export function copyTo(y: TensorDesc, x: Region, device: DeviceTraits): Dispatch[] {
  return copyAll([{ shape: y.shape, x, y: wholeOf(y), padded: paddedChannels(y) }], device);
}

/** The only way to run a node that copies, or that has nothing left to copy. */
export function copying(dispatches: readonly Dispatch[]): Candidate[] {
  return [{ kernel: dispatches.length > 0 ? 'strided-copy' : 'in-place', setting: '', dispatches }];
}
