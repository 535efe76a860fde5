import { compareTensors } from '../../src/compare-tensors';
import { fromFloat16Array, toFloat16Array } from '../../src/float16';
import type { AdapterProfile } from '../../src/gpu/adapter-profile';
import type { AcquiredDevice } from '../../src/gpu/device';
import { BufferUsage } from '../../src/gpu/flags';
import type { Candidate } from '../../src/gpu/kernel';
import { loadKernels } from '../../src/gpu/kernels';
import { layoutSize, type TensorDesc } from '../../src/gpu/layout';
import type { PipelineCache } from '../../src/gpu/pipeline-cache';
import type { PlanOptions, Precision } from '../../src/gpu/plan';
import { makePlan } from '../../src/gpu/plan';
import { mapForReading } from '../../src/gpu/readback';
import { Session } from '../../src/gpu/session';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph } from '../../src/graph/graph';
import { type Operator, type OperatorAttributes, recordOf } from '../../src/operators';
import { runReference } from '../../src/reference';
import { type Shape, sizeOf, stridesOf, Tensor, type ValueInfo } from '../../src/tensor';
import { Random } from './random';

/** One operator with attributes and inputs. Every kernel that fits runs it, and the reference checks each result. */
export interface KernelCase<O extends Operator = Operator> {
  /** Continues "conv2d: ". */
  readonly name: string;
  readonly op: O;
  readonly attributes: OperatorAttributes[O];
  /** A shape stands for random numbers in -1..1. */
  readonly inputs: readonly (Shape | Tensor)[];
  /** Indices of inputs that are constants, as weights are. By default those that the operator's record names. */
  readonly constants?: readonly number[];
  /** The allowed error, relative to the reference's largest magnitude. The default follows from the sum's length. */
  readonly tolerance?: number;
  /** The reason for a tolerance of its own. */
  readonly reason?: string;
  /** Indices of outputs that nobody reads. */
  readonly unread?: readonly number[];
  /** Limits the workgroups per dimension, so that even a small grid needs a second dimension. */
  readonly workgroupLimit?: number;
  /** Images are parts of larger ones, so that inputs and output lie in memory with other strides than their own shapes give. */
  readonly isPart?: true;
  /**
   * Chooses kernels, tiles and grids as for this adapter, on whatever adapter there is.
   *
   * @param smallestSubgroup that the adapter lets shaders ask for, if it does
   */
  readonly profile?: AdapterProfile | ((smallestSubgroup: number | undefined) => AdapterProfile);
}

export interface CaseResult {
  readonly kernel: string;
  readonly setting: string;
  /** Undefined when the case passed. */
  readonly failure?: string;
}

const GUARD_ELEMENTS = 64;
/** No kernel writes this by chance: -1.23e20 as a float32, about -6e3 and -2e3 as two float16. */
const SENTINEL = 0xe0d5e7c9;

/** Rounds a tensor as the precision stores it: otherwise rounding could change which value is the greatest. */
function rounded(tensor: Tensor, precision: Precision): Tensor {
  if (precision === 'f32' || !(tensor.data instanceof Float32Array)) return tensor;
  return Tensor.float32(tensor.shape, fromFloat16Array(toFloat16Array(tensor.data)));
}

export function caseGraph(
  testCase: KernelCase,
  precision: Precision = 'f32',
): { graph: Graph; inputs: Record<string, Tensor> } {
  const dims = testCase.inputs.flatMap((i) => (i instanceof Tensor ? i.shape : i));
  const random = new Random(dims.reduce((seed, dim) => (seed * (dim + 1)) % Number.MAX_SAFE_INTEGER, 1));
  const builder = new GraphBuilder(testCase.name);
  const inputs: Record<string, Tensor> = {};
  const constants = testCase.constants ?? recordOf(testCase.op).constants ?? [];
  const names = testCase.inputs.map((input, i) => {
    const tensor = rounded(input instanceof Tensor ? input : random.tensor(input), precision);
    if (constants.includes(i)) return builder.constant(`input${i}`, tensor);
    const isPart = testCase.isPart && isImage(tensor);
    inputs[`input${i}`] = isPart ? surrounded(tensor) : tensor;
    const name = builder.input(`input${i}`, inputs[`input${i}`].shape, tensor.dtype);
    if (!isPart) return name;
    return builder.add('slice', [name], { starts: BEFORE, steps: [1, 1, 1, 1], sizes: tensor.shape })[0];
  });
  const all = builder.add(testCase.op, names, testCase.attributes);
  const outputs = all.filter((_, i) => !testCase.unread?.includes(i));
  const whole = testCase.isPart ? outputs.map((output) => joined(builder, output)) : outputs;
  return { graph: builder.build(whole), inputs };
}

/** What lies before an image that is part of a larger one, by axis, and behind it: a view of channels runs to the last. */
const BEFORE = [0, 4, 1, 2] as const;
const BEHIND = [0, 0, 1, 2] as const;

const isImage = ({ shape, dtype }: ValueInfo): boolean =>
  shape.length === 4 && dtype === 'float32' && sizeOf(shape) > 0;

/** The image within a larger one of another number. */
function surrounded(image: Tensor): Tensor {
  const whole = image.shape.map((length, axis) => BEFORE[axis] + length + BEHIND[axis]);
  const inside = sizeOf(whole.slice(1));
  const strides = stridesOf(whole);
  const data = new Float32Array(sizeOf(whole)).fill(0.75);
  const [, channels, height, width] = image.shape;
  for (let i = 0; i < image.size; i++) {
    const row = Math.floor(i / width);
    const at = [Math.floor(row / height / channels), Math.floor(row / height) % channels, row % height, i % width];
    data[
      at[0] * inside +
        dot(
          at.slice(1).map((place, axis) => place + BEFORE[axis + 1]),
          strides.slice(1),
        )
    ] = image.data[i];
  }
  return Tensor.float32(whole, data);
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** An output behind other channels, if it has whole vec4s of its own, and below other rows. */
function joined(builder: GraphBuilder, output: string): string {
  const info = builder.info(output);
  if (!isImage(info)) return output;
  const join = (value: string, axis: number, length: number): string => {
    const other = Tensor.float32(builder.shape(value).with(axis, length));
    return builder.add('concat', [builder.constant('other', other), value], { axis })[0];
  };
  const wider = info.shape[1] % 4 === 0 ? join(output, 1, 4) : output;
  return join(wider, 2, 3);
}

/**
 * Runs a case with each kernel that fits, with sentinels around every tensor, and compares with the reference. Each
 * kernel runs twice, which shows any state that it leaves behind.
 *
 * @param isWanted leaves kernels out
 */
export async function runKernelCase(
  acquired: AcquiredDevice,
  pipelines: PipelineCache,
  testCase: KernelCase,
  precision: PlanOptions['precision'] = 'f32',
  isWanted: (candidate: Candidate) => boolean = () => true,
): Promise<CaseResult[]> {
  const { graph, inputs } = caseGraph(testCase, precision);
  const expected = runReference(graph, inputs);
  const results: CaseResult[] = [];
  const device = caseDevice(acquired, testCase);
  const options = { precision, device, guardElements: GUARD_ELEMENTS };
  const kernels = await loadKernels(graph);
  const widest = makePlan(graph, kernels, options).steps.find((step) => step.node.op === testCase.op)!;
  for (const [index, candidate] of widest.candidates.entries()) {
    if (!isWanted(candidate)) continue;
    const { kernel, setting } = candidate;
    const plan = makePlan(graph, kernels, {
      ...options,
      choose: (candidates, { node }) => candidates[node.op === testCase.op && !node.name.includes('@') ? index : 0],
    });
    const session = await Session.create(acquired.device, pipelines, plan);
    let failure: string | undefined;
    for (let round = 1; round <= 2 && failure === undefined; round++) {
      fillWithSentinels(session);
      const actual = await session.run(inputs);
      for (const output of graph.outputs) {
        const { mismatch } = compareTensors(actual.get(output)!, stored(expected.get(output)!, precision), {
          ofLargest: lossOf(kernel) * toleranceOf(testCase, graph, precision),
          absolute: precision === 'f16' ? FLUSHED : 0,
        });
        if (mismatch !== undefined) failure ??= `${output} ${mismatch}`;
      }
      failure ??= await findStrayWrite(session);
      if (failure !== undefined && round === 2) failure += ' (in the second run)';
    }
    results.push({ kernel, setting, ...(failure !== undefined && { failure }) });
    session.dispose();
  }
  return results;
}

/** The device as a case sees it. */
export function caseDevice({ traits, device }: AcquiredDevice, testCase: KernelCase): PlanOptions['device'] {
  const { profile = traits.profile, workgroupLimit } = testCase;
  return {
    ...limited(traits, workgroupLimit),
    profile: typeof profile === 'function' ? profile(smallestSubgroupOf(device)) : profile,
  };
}

function limited(traits: AcquiredDevice['traits'], workgroupLimit?: number): PlanOptions['device'] {
  if (workgroupLimit === undefined) return traits;
  const { limits } = traits;
  return {
    ...traits,
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: workgroupLimit,
    },
  };
}

const smallestSubgroupOf = ({ features, adapterInfo }: GPUDevice): number | undefined =>
  features.has('subgroup-size-control' as GPUFeatureName) ? adapterInfo.subgroupMinSize : undefined;

/** Throws an error that lists every kernel's failure. */
export function assertPassed(testCase: KernelCase, results: readonly CaseResult[]): void {
  const failed = results.filter((result) => result.failure !== undefined);
  if (results.length === 0) throw new Error(`${testCase.name}: no kernel ran`);
  if (failed.length > 0) {
    throw new Error(failed.map((r) => `${testCase.name}: ${r.kernel} ${r.setting}: ${r.failure}`).join('\n'));
  }
}

/**
 * The errors of some algorithms, as multiples of the plain sum's error. The transforms of F(4×4, 3×3) multiply by up to
 * 5, 1/24 and 8, those of F(6×6, 3×3) by up to 21/4, 1/90 and 32, and most of that cancels again. In float32 their
 * errors are about four and eight times that of the sum (Barabasz et al. 2020, "Error analysis and improving the
 * accuracy of Winograd convolution", section 5).
 */
const LOSS: Readonly<Record<string, number>> = { 'conv2d-winograd4': 4, 'conv2d-winograd6': 8 };

/** How many times the plain sum's error a kernel's is. */
export const lossOf = (kernel: string): number => LOSS[kernel] ?? 1;

/** The inputs that are weights of sums, whose lengths follow from them. */
const SUMS: { readonly [O in Operator]?: readonly number[] } = {
  conv2d: [1],
  'conv-transpose2d': [1],
  'upsample-conv2d': [1],
  'shortcut-conv2d': [1, 4],
  'separable-conv2d': [1, 3],
  'separable-expand': [1, 3, 5],
  'squeeze-excite': [1, 3],
  dense: [1],
  matmul: [1],
};

/** Float16's smallest normal number: a device may flush smaller ones to zero. */
const FLUSHED = 2 ** -14;

/**
 * A sum of K float32 products in any order errs by at most K·2⁻²⁴ of the sum of magnitudes (Higham 2002, section 3.1)
 * and by about √K·2⁻²⁴ in practice; 2⁻²⁰ covers WGSL's exp, tanh and division (a few ulp each) besides.
 * Float16 storage rounds inputs, weights and outputs to 2⁻¹¹ each.
 */
export function toleranceOf(testCase: KernelCase, graph: Graph, precision: 'f32' | 'f16'): number {
  const node = graph.nodes.find(({ op }) => op === testCase.op)!;
  const [first, ...others] = node.inputs.map((input) => graph.values.get(input)!.shape);
  const weights = (SUMS[testCase.op] ?? []).flatMap((input) => others.slice(input - 1, input));
  const length =
    weights.length > 0
      ? weights.reduce((sum, weight) => sum + sizeOf(weight) / (weight[0] || 1), 0)
      : sizeOf(first) ** 0.5;
  const base = testCase.tolerance ?? 2 ** -20 + Math.sqrt(length) * 2 ** -23;
  return precision === 'f16' ? Math.max(base, 6 * 2 ** -11) : base;
}

/** A result as float16 stores it: infinite from 65520 on. */
function stored(expected: Tensor, precision: PlanOptions['precision']): Tensor {
  if (precision === 'f32' || expected.dtype !== 'float32') return expected;
  const halves = fromFloat16Array(toFloat16Array(expected.data));
  return Tensor.float32(
    expected.shape,
    halves.map((half, i) => (Number.isFinite(half) ? expected.data[i] : half)),
  );
}

function fillWithSentinels(session: Session): void {
  const { plan, device } = session;
  for (const root of plan.memory.places.keys()) {
    if (!plan.tensors.has(root)) continue;
    const { buffer, offset, size } = session.range(root);
    device.queue.writeBuffer(buffer, offset, new Uint32Array(size / 4).fill(SENTINEL));
  }
}

/** Checks the guards before and after each tensor, and the padding lanes, which must hold zero. */
async function findStrayWrite(session: Session): Promise<string | undefined> {
  const { plan, device } = session;
  for (const root of plan.memory.places.keys()) {
    const desc = plan.tensors.get(root);
    if (!desc || !isAliveAtEnd(session, root)) continue;
    const { buffer, offset, size } = session.range(root);
    const staging = device.createBuffer({ size, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await mapForReading(device, staging);
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    const half = desc.dtype === 'float32' && plan.precision === 'f16';
    const words = half ? new Uint16Array(bytes) : new Uint32Array(bytes);
    const sentinels = half ? new Uint16Array(new Uint32Array([SENTINEL]).buffer) : [SENTINEL];
    const intact = (i: number): boolean => words[i] === sentinels[i % sentinels.length];
    const end = desc.offset + Math.ceil(layoutSize(desc.shape, desc.layout) / 4) * 4;
    for (let i = 0; i < desc.offset; i++) if (!intact(i)) return `a write ${desc.offset - i} elements before "${root}"`;
    for (let i = end; i < desc.offset + layoutSize(desc.shape, desc.layout) + GUARD_ELEMENTS; i++) {
      if (!intact(i)) return `a write ${i - end} elements after "${root}"`;
    }
    const lane = findDirtyLane(desc, words);
    if (lane !== undefined) return `padding lane at ${lane} of "${root}" does not hold zero`;
  }
  return undefined;
}

/** Only outputs are checked, and those alone whose memory no other value has had before. */
function isAliveAtEnd({ plan: { graph, memory } }: Session, root: string): boolean {
  const { buffer, offset, sizeBytes } = memory.places.get(root)!;
  const isApart = [...memory.places].every(
    ([name, other]) =>
      name === root ||
      other.buffer !== buffer ||
      other.offset >= offset + sizeBytes ||
      other.offset + other.sizeBytes <= offset,
  );
  return isApart && graph.outputs.includes(root);
}

function findDirtyLane(desc: TensorDesc, words: Uint16Array | Uint32Array): number | undefined {
  if (desc.layout !== 'nhwc4' || desc.shape[1] % 4 === 0) return undefined;
  const [, channels] = desc.shape;
  const pixel = Math.ceil(channels / 4) * 4;
  const pixels = layoutSize(desc.shape, desc.layout) / pixel;
  for (let p = 0; p < pixels; p++) {
    for (let c = channels; c < pixel; c++) if (words[desc.offset + p * pixel + c] !== 0) return p * pixel + c;
  }
  return undefined;
}
