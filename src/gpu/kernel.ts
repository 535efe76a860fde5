import type { Graph, GraphNode } from '../graph/graph';
import type { Operator } from '../graph/operators';
import type { DataType, Shape, Tensor } from '../tensor';
import type { ParamValues, Shader } from './shader';

/**
 * How a tensor lies in memory. `linear`: row-major in the order of its shape. `nhwc4`, for rank 4 only:
 * `[N, H, W, ceil(C/4)]` of four channels each; the lanes past the last channel hold zero.
 */
export type Layout = 'linear' | 'nhwc4';

/** A tensor as a kernel sees it: its logical shape (`[N, C, H, W]` for images) and where its elements are. */
export interface TensorDesc {
  readonly value: string;
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly layout: Layout;
  /** The value whose memory this one is in: itself, or what it is a part or another view of. */
  readonly root: string;
  /** Of the first element in the root's memory, in elements. A multiple of 4. */
  readonly offset: number;
  /**
   * One per axis of `shape`, in elements. `linear` is row-major, without gaps unless all that read it take parts of
   * rows (`readsParts`); an nhwc4 part has its root's strides.
   */
  readonly strides: readonly number[];
  /** Set when the value is known at load. */
  readonly constant?: Tensor;
}

/** What kernel choice may depend on. */
export interface DeviceTraits {
  /** A software adapter: barriers and workgroup memory are slow there. */
  readonly software: boolean;
  readonly subgroups: boolean;
  /** Subgroups are always of four invocations, neighbours along x: SwiftShader's vectors. */
  readonly quads?: boolean;
  readonly limits: {
    readonly maxComputeWorkgroupSizeX: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  };
}

/** Prepacked at load; float data is stored in the session's precision, or always as float32. */
export interface PackedOperand {
  readonly kind: 'constant';
  readonly key: string;
  readonly pack: () => Float32Array | Int32Array;
  readonly float32?: boolean;
}

/** What a shader variable is bound to. */
export type Operand =
  /** a value of the plan */
  | { readonly kind: 'tensor'; readonly value: string }
  | PackedOperand
  /** memory that lives only within the node, shared by name between its dispatches; always float32 or int32 */
  | { readonly kind: 'scratch'; readonly name: string; readonly sizeBytes: number };

/** One launch of one shader, as plain data. */
export interface Dispatch {
  readonly shader: Shader;
  /** Values of the shader's `override`s. */
  readonly constants: Readonly<Record<string, number>>;
  /** By variable name; every storage variable of the shader. */
  readonly bind: Readonly<Record<string, Operand>>;
  readonly params: ParamValues;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** The storage aliases; float (the session's precision) unless said otherwise. */
  readonly storage?: 'float' | 'float32' | 'int32';
}

export interface KernelContext<O extends Operator = Operator> {
  readonly node: GraphNode<O>;
  readonly inputs: readonly TensorDesc[];
  readonly outputs: readonly TensorDesc[];
  readonly device: DeviceTraits;
}

/** One way to run a node. */
export interface Candidate {
  /** Stem of the shader and variant, as `conv2d-pointwise`. */
  readonly kernel: string;
  /** The tile or other setting that tells candidates of one kernel apart. */
  readonly setting: string;
  readonly dispatches: readonly Dispatch[];
}

/** How one operator runs on the GPU. */
export interface OperatorKernels<O extends Operator = Operator> {
  /**
   * The layouts it wants its inputs in, given those they have, and those it gives its outputs.
   * Values that arrive otherwise are copied first; constants are laid out as wanted for free.
   */
  layouts(node: GraphNode<O>, graph: Graph, have: readonly Layout[]): { inputs: Layout[]; outputs: Layout[] };
  /**
   * Whether it reads linear inputs by their strides, so that they may be parts of longer rows: along the last axis
   * elements follow each other, every other stride is a multiple of 4.
   */
  readonly readsParts?: true;
  /** Every way that fits this node on this device, best guess first. @throws ArgumentError saying why there is none */
  candidates(context: KernelContext<O>): Candidate[];
}

/** The kernels of operators, as many as were loaded. */
export type KernelSet = ReadonlyMap<Operator, OperatorKernels>;

export const tensor = ({ value }: TensorDesc): Operand => ({ kind: 'tensor', value });

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);
export const roundUp = (a: number, b: number): number => Math.ceil(a / b) * b;
/** Groups of four channels. */
export const channelBlocks = (channels: number): number => ceilDiv(channels, 4);

/**
 * An nhwc4 tensor as the shaders' `View`: offset, image, row and pixel stride, in vec4s.
 * A broadcast axis (size 1 where the output has more) gets stride 0 when `broadcast` names the output.
 */
export function view({ shape, offset, strides }: TensorDesc, broadcast?: TensorDesc): number[] {
  const stride = (axis: number): number =>
    broadcast && shape[axis] === 1 && broadcast.shape[axis] !== 1 ? 0 : strides[axis] / 4;
  return [offset / 4, stride(0), stride(2), stride(3)];
}

/** Workgroups along x and y for a one-dimensional job: `i = gid.x + gid.y * num_workgroups.x * size`. */
export function grid1d(invocations: number, workgroupSize: number, device: DeviceTraits): [number, number, number] {
  const groups = Math.max(1, ceilDiv(invocations, workgroupSize));
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  return groups <= limit ? [groups, 1, 1] : [limit, ceilDiv(groups, limit), 1];
}

/**
 * Workgroups for the rows of images: x along a row, y and z over the rows, which saves dividing by the row's length.
 * In the shader: `row = gid.y + gid.z * num_workgroups.y`, checked against the number of rows.
 */
export function rowGrid(
  rowLength: number,
  rows: number,
  workgroupSize: number,
  device: DeviceTraits,
): [number, number, number] {
  const [y, z] = grid1d(rows, 1, device);
  return [Math.max(1, ceilDiv(rowLength, workgroupSize)), y, z];
}

/** Whether a grid stays within the device's workgroups per dimension. */
export const gridFits = (grid: readonly number[], device: DeviceTraits): boolean =>
  grid.every((groups) => groups <= device.limits.maxComputeWorkgroupsPerDimension);
