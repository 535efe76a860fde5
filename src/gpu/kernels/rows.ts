import type { DeviceTraits } from '../adapter-profile';
import { type Grid, grid1d } from '../grid';
import { roundUp, type TensorDesc } from '../layout';

/** One axis of a walk through x and y: its extent and what a step along it moves, in elements. */
export interface Axis {
  readonly extent: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Rows that a kernel handles alike, each a run of values along some axes: row `r` is at the index of `r` in `rows`,
 * row-major. The fields are those of the shaders' Params.
 */
export interface Rows {
  readonly rows: readonly number[];
  readonly x_steps: readonly number[];
  readonly y_steps: readonly number[];
  readonly count: number;
  /** From this index of the innermost axis on, rows are padding lanes of y and hold zero. */
  readonly valid: number;
}

const MAX_AXES = 4;

/**
 * The axes that are not reduced, in the order in which y lies in memory.
 *
 * @param yAxis the axis of y that answers an axis of x
 */
export function keptAxes(
  x: TensorDesc,
  y: TensorDesc,
  along: readonly number[],
  yAxis: (axis: number) => number,
): Axis[] {
  const kept = x.shape.map((extent, axis) => ({ extent, x: x.strides[axis], axis }));
  return kept
    .filter(({ axis }) => !along.includes(axis))
    .map(({ extent, x: step, axis }) => ({ extent, x: step, y: y.strides[yAxis(axis)] }))
    .sort((a, b) => b.y - a.y);
}

/**
 * Fuses neighbouring axes that one step covers, so that few remain: an alternation of kept and reduced axes over a
 * row-major tensor of rank 8 leaves four of each.
 */
export function fuseAxes(axes: readonly Axis[]): Axis[] {
  const fused: Axis[] = [];
  for (const axis of axes) {
    const outer = fused.at(-1);
    if (axis.extent === 1) continue;
    if (outer && outer.x === axis.x * axis.extent && outer.y === axis.y * axis.extent) {
      fused[fused.length - 1] = { ...axis, extent: outer.extent * axis.extent };
    } else {
      fused.push(axis);
    }
  }
  return fused;
}

/** Extents and steps as the shaders' vec4s, innermost last; undefined if there are more than four axes. */
export function asVectors(axes: readonly Axis[]): { extents: number[]; x: number[]; y: number[] } | undefined {
  if (axes.length > MAX_AXES) return undefined;
  const missing = new Array<Axis>(MAX_AXES - axes.length).fill({ extent: 1, x: 0, y: 0 });
  const all = [...missing, ...axes];
  return { extents: all.map((a) => a.extent), x: all.map((a) => a.x), y: all.map((a) => a.y) };
}

/**
 * Rows over the given axes.
 *
 * @param lanes y's channel axis, when y is nhwc4 and every lane is a row of its own: it is innermost, and rounded up
 */
export function rowsOf(kept: readonly Axis[], lanes?: Axis): Rows | undefined {
  const padded = lanes && { ...lanes, extent: roundUp(lanes.extent, 4) };
  const vectors = asVectors(padded ? [...fuseAxes(kept), padded] : fuseAxes(kept));
  if (!vectors) return undefined;
  const { extents, x, y } = vectors;
  const count = extents.reduce((product, extent) => product * extent, 1);
  return { rows: extents, x_steps: x, y_steps: y, count, valid: lanes?.extent ?? extents[MAX_AXES - 1] };
}

/** One or more invocations for each row. */
export interface Sharing {
  readonly setting: string;
  readonly grid: Grid;
}

/**
 * How many invocations of a workgroup may share a row, best guess first. Short rows are fastest with one invocation each;
 * long ones with a workgroup each, which reads neighbouring values at once and fills the device even if there are few rows.
 *
 * @param stride between a row's values: with 1, invocations that share a row read side by side
 */
export function sharings(length: number, rows: number, stride: number, device: DeviceTraits): Sharing[] {
  const best = device.profile.slowBarriers ? 1 : bestLanes(length, rows, stride);
  const distance = (lanes: number): number => Math.abs(Math.log2(lanes / best));
  return [1, 8, 64, 256]
    .filter((lanes) => lanes === 1 || lanes <= length * 2)
    .sort((a, b) => distance(a) - distance(b))
    .map((LANES) => {
      const WORKGROUP = Math.max(64, LANES);
      const grid = { workgroups: grid1d(rows * LANES, WORKGROUP, device), constants: { LANES, WORKGROUP } };
      return { setting: `${LANES} per row`, grid };
    });
}

function bestLanes(length: number, rows: number, stride: number): number {
  if (stride !== 1 || length < 16) return rows < 8192 && length >= 64 ? 64 : 1;
  if (length >= 512) return 256;
  return length >= 64 ? 64 : 8;
}
