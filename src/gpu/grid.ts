import type { DeviceTraits } from './adapter-profile';
import { ceilDiv } from './layout';

/** The number of workgroups, and the shader's overrides for the size of each. */
export interface Grid {
  readonly workgroups: readonly [x: number, y: number, z: number];
  readonly constants?: Readonly<Record<string, number>>;
  /** Invocations of each subgroup, where the adapter shall not choose. */
  readonly subgroupSize?: number;
}

const WORKGROUP = 64;

/** Workgroups along x and y for a one-dimensional job: `i = gid.x + gid.y * num_workgroups.x * size`. */
export function grid1d(invocations: number, workgroupSize: number, device: DeviceTraits): [number, number, number] {
  const groups = Math.max(1, ceilDiv(invocations, workgroupSize));
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  return groups <= limit ? [groups, 1, 1] : [limit, ceilDiv(groups, limit), 1];
}

/** A one-dimensional job in workgroups of 64. */
export const linearGrid = (invocations: number, device: DeviceTraits): Grid => ({
  workgroups: grid1d(invocations, WORKGROUP, device),
  constants: { WORKGROUP },
});

/**
 * The rows of images in workgroups of 64: x along a row, y and z over the rows, which saves dividing by the row's length.
 * In the shader: `row = gid.y + gid.z * num_workgroups.y`, checked against the number of rows.
 */
export function rowGrid(rowLength: number, rows: number, device: DeviceTraits): Grid {
  const [y, z] = grid1d(rows, 1, device);
  return { workgroups: [Math.max(1, ceilDiv(rowLength, WORKGROUP)), y, z], constants: { WORKGROUP } };
}

/** The subgroup size that the profile asks for: WebGPU wants whole subgroups along x. */
export const subgroupsAlong = (x: number, { profile: { subgroupSize } }: DeviceTraits): Pick<Grid, 'subgroupSize'> =>
  subgroupSize !== undefined && x % subgroupSize === 0 ? { subgroupSize } : {};

/**
 * A three-dimensional job in workgroups of 64, powers of two along each axis, so that layers share pipelines. With a
 * slow compiler they have one shape along y: invocations outside the grid cost less than another pipeline. Where the
 * subgroup size is asked for, a workgroup is at least as wide, unless that leaves all but one column idle.
 */
export function boxGrid(extents: readonly [x: number, y: number, z: number], device: DeviceTraits): Grid {
  const power = (extent: number, most: number): number =>
    Math.min(2 ** Math.ceil(Math.log2(Math.max(extent, 1))), most);
  const { workgroupColumns: columns, slowCompiler, subgroupSize } = device.profile;
  const oneWidth = slowCompiler || subgroupSize !== undefined;
  const x = oneWidth ? (extents[0] > 1 ? columns : 1) : power(extents[0], columns);
  const y = extents[2] === 1 ? 64 / x : slowCompiler ? 4 : power(extents[1], 64 / x);
  const z = 64 / x / y;
  return {
    workgroups: [ceilDiv(extents[0], x), ceilDiv(extents[1], y), ceilDiv(extents[2], z)],
    constants: { WORKGROUP_X: x, WORKGROUP_Y: y, ...(z > 1 && { WORKGROUP_Z: z }) },
    ...subgroupsAlong(x, device),
  };
}
