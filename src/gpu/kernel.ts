import type { Graph, GraphNode } from '../graph/graph';
import type { Operator } from '../operators';
import type { DeviceTraits } from './adapter-profile';
import type { Grid } from './grid';
import type { Layout, TensorDesc } from './layout';
import type { ParamValues, Shader } from './shader';

/** Prepacked at load; float data is stored in the session's precision, or always as float32. */
export interface PackedOperand {
  readonly kind: 'constant';
  readonly key: string;
  readonly pack: () => Float32Array | Int32Array;
  readonly float32?: boolean;
}

/** The memory that a shader variable is bound to. */
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
  readonly workgroups: Grid['workgroups'];
  readonly subgroupSize?: Grid['subgroupSize'];
  /** The storage aliases; float (the session's precision) unless said otherwise. */
  readonly storage?: 'float' | 'float32' | 'int32';
  /** Already part of the fields above. */
  readonly epilogue?: DispatchEpilogue;
}

/** The last step of a convolution's shader: overrides ACTIVATION and RESIDUAL, one variable, and parameters. */
export interface DispatchEpilogue {
  /** The number of `activate`'s case; 0 is none, 1 clips to alpha..beta. */
  readonly activation: number;
  readonly alpha: number;
  readonly beta: number;
  /** 0: none, 1: added before the activation, 2: after it. */
  readonly residual: number;
  /** The residual, or without one some operand that the dispatch only reads. */
  readonly operand: Operand;
  /** The residual's `View`. */
  readonly view: readonly number[];
  /** Vec4s of an output pixel, where planning may add a residual of zeros. */
  readonly blocks?: number;
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
  /** What a frame of it costs in loads of vec4s, where a kernel for software adapters counts them. */
  readonly loads?: number;
  /** How long each of its pipelines compiles, in usual ones. Default 1. */
  readonly compileCost?: number;
  /** Slower than another, for a pipeline that layers of several sizes or activations have in common. */
  readonly forSeveral?: true;
}

/** The layouts of a node's inputs and outputs. */
export interface NodeLayouts {
  readonly inputs: readonly Layout[];
  readonly outputs: readonly Layout[];
}

/** The kernels of one operator, and the layouts that they take. */
export interface OperatorKernels<O extends Operator = Operator> {
  /**
   * The layouts it wants its inputs in, given those they have, and those it gives its outputs.
   * Values that arrive otherwise are copied first; constants are laid out as wanted for free.
   */
  layouts(node: GraphNode<O>, graph: Graph, have: readonly Layout[]): NodeLayouts;
  /**
   * Whether it reads linear inputs by their strides, so that they may be parts of longer rows. `rows`: along the last axis
   * elements follow each other, and every other stride and the offset are multiples of 4. `values`: anywhere.
   */
  readonly readsParts?: 'rows' | 'values';
  /**
   * Every way to run this node on this device, best guess first. Those whose grid exceeds the device's are dropped later.
   *
   * @throws ArgumentError saying why there is none
   */
  candidates(context: KernelContext<O>): Candidate[];
}

/** The kernels of operators, as many as were loaded. */
export type KernelSet = ReadonlyMap<Operator, OperatorKernels>;

/** Everything row-major. */
export const allLinear = ({ inputs, outputs }: GraphNode): NodeLayouts => ({
  inputs: inputs.map(() => 'linear'),
  outputs: outputs.map(() => 'linear'),
});

/** An image to an image. */
export const imageToImage = (): NodeLayouts => ({ inputs: ['nhwc4'], outputs: ['nhwc4'] });

/** Convolution's image, weights, bias and residual. */
export const imageAndWeights = ({ inputs }: GraphNode): NodeLayouts => ({
  inputs: inputs.map((_, i) => (i === 0 || i === 3 ? 'nhwc4' : 'linear')),
  outputs: ['nhwc4'],
});

/** The input as it is, and outputs of the same layout. */
export const keepLayout = ({ outputs }: GraphNode, _graph: Graph, [have]: readonly Layout[]): NodeLayouts => ({
  inputs: [have],
  outputs: outputs.map(() => have),
});

/** The input as it is, and a row-major output. */
export const toLinear = (_node: unknown, _graph: Graph, [have]: readonly Layout[]): NodeLayouts => ({
  inputs: [have],
  outputs: ['linear'],
});

/** A dispatch as kernels write it: tensors stand for themselves, booleans for 0 and 1. */
export interface Launch extends Pick<Dispatch, 'params' | 'storage' | 'epilogue'> {
  readonly grid: Grid;
  readonly constants?: Readonly<Record<string, number | boolean>>;
  readonly bind: Readonly<Record<string, Operand | TensorDesc>>;
}

export function dispatch(shader: Shader, { grid, constants, bind, params, storage, epilogue }: Launch): Dispatch {
  const numbers: Record<string, number> = { ...grid.constants };
  for (const name in constants) numbers[name] = Number(constants[name]);
  const operands: Record<string, Operand> = {};
  for (const name in bind) {
    const operand = bind[name];
    operands[name] = 'kind' in operand ? operand : tensor(operand);
  }
  const bare = {
    shader,
    constants: numbers,
    bind: operands,
    params,
    workgroups: grid.workgroups,
    ...(grid.subgroupSize !== undefined && { subgroupSize: grid.subgroupSize }),
    ...(storage && { storage }),
  };
  return epilogue ? withEpilogue(bare, epilogue) : bare;
}

/** Whether a dispatch has no more workgroups along a dimension, and none larger, than the device runs. */
export function gridFits({ shader, constants, workgroups }: Dispatch, { limits }: DeviceTraits): boolean {
  const sizes = shader.workgroup.map((size) => constants[size] ?? shader.consts[size] ?? Number(size));
  return (
    workgroups.every((groups) => groups <= limits.maxComputeWorkgroupsPerDimension) &&
    sizes.reduce((product, size) => product * size, 1) <= limits.maxComputeInvocationsPerWorkgroup
  );
}

/** The dispatch with this epilogue instead of the one it had. */
export const withEpilogue = (dispatch: Dispatch, epilogue: DispatchEpilogue): Dispatch => ({
  ...dispatch,
  constants: { ...dispatch.constants, ACTIVATION: epilogue.activation, RESIDUAL: epilogue.residual },
  bind: { ...dispatch.bind, residual: epilogue.operand },
  params: { ...dispatch.params, residual: epilogue.view, alpha: epilogue.alpha, beta: epilogue.beta },
  epilogue,
});

/** A way to run a node that launches one shader. */
export const candidate = (shader: Shader, launch: Launch, setting = ''): Candidate => ({
  kernel: shader.name,
  setting,
  dispatches: [dispatch(shader, launch)],
});

export const tensor = ({ value }: TensorDesc): Operand => ({ kind: 'tensor', value });

/** Scratch memory of a node. */
export const scratch = (name: string, sizeBytes: number): Operand => ({ kind: 'scratch', name, sizeBytes });

/** The storage of a tensor's elements: integers and bools are int32. */
export const elementStorage = ({ dtype }: TensorDesc): 'float' | 'int32' => (dtype === 'float32' ? 'float' : 'int32');
