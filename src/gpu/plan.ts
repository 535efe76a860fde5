import { ArgumentError, type UnsupportedNode, UnsupportedOperatorError } from '../errors';
import type { Graph, GraphNode, ValueInfo } from '../graph/graph';
import { checkBudget, type MemoryBudget } from '../graph/memory-budget';
import type { DeviceTraits } from './adapter-profile';
import { type Candidate, type Dispatch, gridFits, type KernelContext, type KernelSet } from './kernel';
import { layoutSize, type TensorDesc } from './layout';
import { planLayouts } from './layout-plan';
import { type MemoryPlan, type MemoryRequest, planMemory } from './memory-plan';
import { type Parts, planViews } from './views';

export type Precision = 'f32' | 'f16';

export interface PlanOptions extends MemoryBudget {
  readonly precision: Precision;
  readonly device: DeviceTraits & { readonly limits: { readonly maxBufferSize: number } };
  /** Kernels that the device is known to run wrongly. */
  readonly avoid?: ReadonlySet<string>;
  /** Picks among the ways to run a node; the first by default. */
  readonly choose?: (candidates: readonly Candidate[], context: KernelContext) => Candidate;
  /** Unused elements kept before and after every tensor, so that a test can see stray writes. A multiple of 4. */
  readonly guardElements?: number;
}

/** One node as it will run; a node that only changes how memory is seen has no dispatches. */
export interface PlanStep {
  readonly node: GraphNode;
  readonly context: KernelContext;
  readonly candidates: readonly Candidate[];
  readonly chosen: Candidate;
}

/**
 * What will be run, decided once: for each step a kernel with its constants, parameters and grid, and a place in
 * memory for each tensor. Plain data, independent of any device object.
 */
export interface Plan {
  readonly graph: Graph;
  readonly precision: Precision;
  readonly steps: readonly PlanStep[];
  readonly tensors: ReadonlyMap<string, TensorDesc>;
  readonly memory: MemoryPlan;
  readonly guardElements: number;
}

/** The number of dispatches in a frame. */
export const launchesOf = ({ steps }: Plan): number =>
  steps.reduce((sum, { chosen }) => sum + chosen.dispatches.length, 0);

export const elementBytes = (dtype: ValueInfo['dtype'], precision: Precision): number =>
  dtype === 'float32' && precision === 'f16' ? 2 : 4;

/** The name under which a node's scratch memory appears in the memory plan. */
export const scratchRoot = (node: GraphNode, name: string): string => `${node.name}#${name}`;

/**
 * Decides layouts, shared memory, kernels and places for a graph.
 *
 * @param kernels those of the graph's operators
 * @throws UnsupportedOperatorError naming every node that no kernel can run, OutOfMemoryError for a plan beyond
 *   `maxActivationBytes`, if that is given
 */
export function makePlan(graph: Graph, kernels: KernelSet, options: PlanOptions): Plan {
  const { precision, device, guardElements = 0, maxActivationBytes = Infinity, avoid } = options;
  const { nodes, layouts, relaid } = planLayouts(graph, kernels);
  const infoOf = (value: string): ValueInfo => graph.values.get(relaid.get(value)?.source ?? value)!;
  const laidOut = new Map(
    [...layouts].map(([value, layout]) => [value, { shape: infoOf(value).shape, layout }] as const),
  );
  const fixed = new Set([...graph.inputs, ...graph.constants.keys()]);
  const views = planViews(nodes, laidOut, fixed, readAsParts(graph, nodes, kernels));

  const results = [...graph.outputs, ...(graph.rowCounts?.values() ?? [])];
  const read = new Set([...results, ...nodes.flatMap(({ inputs }) => inputs)]);
  const tensors = new Map<string, TensorDesc>();
  for (const [value, { shape, layout }] of laidOut) {
    const { root, offset, strides } = views.get(value)!;
    const constant = graph.constants.get(value);
    const isConstantRoot = graph.constants.has(root);
    tensors.set(value, {
      value,
      shape,
      dtype: infoOf(value).dtype,
      layout,
      root,
      offset: offset + (isConstantRoot ? 0 : guardElements),
      strides,
      ...(constant && { constant }),
      ...(!read.has(value) && { isUnread: true }),
    });
  }

  const unsupported: UnsupportedNode[] = [];
  const steps = nodes.map((node): PlanStep => {
    const context: KernelContext = {
      node,
      inputs: node.inputs.map((input) => tensors.get(input)!),
      outputs: node.outputs.map((output) => tensors.get(output)!),
      device,
    };
    let candidates: readonly Candidate[] = [];
    let reason = `no kernel${avoid?.size ? ' that passed the self-test' : ''} fits this node on this device`;
    try {
      const all = kernels.get(node.op)!.candidates(context);
      candidates = all.filter(
        ({ kernel, dispatches }) =>
          !avoid?.has(kernel) && dispatches.every((d) => !avoid?.has(d.shader.name) && gridFits(d, device)),
      );
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      reason = error.message;
    }
    if (candidates.length === 0) unsupported.push({ node: node.name, operator: node.op, reason });
    return { node, context, candidates, chosen: options.choose?.(candidates, context) ?? candidates[0] };
  });
  if (unsupported.length > 0) throw new UnsupportedOperatorError(unsupported);
  const plan = withMemory({ graph, precision, steps, tensors, guardElements }, device.limits.maxBufferSize);
  const sizes = [...plan.memory.places].map(([root, { sizeBytes }]) => [root, sizeBytes] as const);
  checkBudget(graph.name, plan.memory.peakBytes, sizes, maxActivationBytes);
  return plan;
}

/** Values that nothing reads but kernels which take parts of rows; what is read back lies without gaps. */
function readAsParts(graph: Graph, nodes: readonly GraphNode[], kernels: KernelSet): Map<string, Parts> {
  const parts = new Map<string, Parts>();
  const whole = new Set<string>();
  for (const { op, inputs } of nodes) {
    const { readsParts } = kernels.get(op)!;
    for (const input of inputs) {
      if (!readsParts) whole.add(input);
      else if (parts.get(input) !== 'rows') parts.set(input, readsParts);
    }
  }
  for (const input of whole) parts.delete(input);
  for (const output of [...graph.outputs, ...(graph.rowCounts?.values() ?? [])]) parts.delete(output);
  return parts;
}

/** A plan of these steps alone: finds a place for all that they touch, the graph's inputs and its outputs. */
export function withMemory(plan: Omit<Plan, 'memory'>, maxBufferSize: number): Plan {
  return { ...plan, memory: planMemory(...memoryRequests(plan), maxBufferSize) };
}

/** Root of each storage operand of a dispatch that lives in planned memory, and whether the shader writes it. */
export function dispatchRoots(
  node: GraphNode,
  dispatch: Dispatch,
  tensors: ReadonlyMap<string, TensorDesc>,
  graph: Graph,
): { root: string; writes: boolean; scratchBytes?: number }[] {
  const roots: { root: string; writes: boolean; scratchBytes?: number }[] = [];
  for (const { name, type } of dispatch.shader.bindings) {
    const operand = dispatch.bind[name];
    if (type === 'uniform' || !operand || operand.kind === 'constant') continue;
    const writes = type === 'storage';
    if (operand.kind === 'scratch') {
      roots.push({ root: scratchRoot(node, operand.name), writes, scratchBytes: operand.sizeBytes });
    } else {
      const { root } = tensors.get(operand.value)!;
      if (!graph.constants.has(root)) roots.push({ root, writes });
    }
  }
  return roots;
}

/** Lifetimes and conflicts of all planned memory, from what the dispatches really touch. */
function memoryRequests({
  graph,
  steps,
  tensors,
  precision,
  guardElements,
}: Omit<Plan, 'memory'>): [MemoryRequest[], Map<string, string[]>] {
  const spans = new Map<string, { first: number; last: number; sizeBytes: number }>();
  const conflicts = new Map<string, string[]>();
  const forbid = (root: string, other: string): void => {
    const others = conflicts.get(root);
    if (others) others.push(other);
    else conflicts.set(root, [other]);
  };
  const touch = (root: string, step: number, scratchBytes?: number): void => {
    const span = spans.get(root);
    if (span) {
      span.first = Math.min(span.first, step);
      span.last = Math.max(span.last, step);
      span.sizeBytes = Math.max(span.sizeBytes, scratchBytes ?? 0);
      return;
    }
    const desc = tensors.get(root);
    const sizeBytes =
      scratchBytes ??
      (layoutSize(desc!.shape, desc!.layout) + 2 * guardElements) * elementBytes(desc!.dtype, precision);
    spans.set(root, { first: step, last: step, sizeBytes: Math.max(16, Math.ceil(sizeBytes / 16) * 16) });
  };
  for (const input of graph.inputs) touch(tensors.get(input)!.root, 0);
  for (const [index, { node, chosen }] of steps.entries()) {
    for (const dispatch of chosen.dispatches) {
      const touched = dispatchRoots(node, dispatch, tensors, graph);
      for (const { root, scratchBytes } of touched) touch(root, index, scratchBytes);
      for (const a of touched) {
        if (!a.writes) continue;
        for (const b of touched) {
          if (b.writes) continue;
          forbid(a.root, b.root);
          forbid(b.root, a.root);
        }
      }
    }
  }
  for (const output of [...graph.outputs, ...(graph.rowCounts?.values() ?? [])]) {
    if (!graph.constants.has(output)) touch(tensors.get(output)!.root, Math.max(0, steps.length - 1));
  }
  return [[...spans].map(([root, span]) => ({ root, ...span })), conflicts];
}
