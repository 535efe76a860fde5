import type { Graph, GraphNode } from '../graph/graph';
import { type DataType, sizeOf, Tensor, type ValueInfo } from '../tensor';
import type { Kernel, KernelFamily, NodeShapes, Packing } from './kernel';
import { familiesFor } from './kernels';
import { lower } from './lower';
import { align, type Lifetime, placeValues } from './memory';

/**
 * A network made ready: its steps, and one memory with its weights as the kernels read them and room for its values.
 * Workers that share the memory take a copy of the rest, as a structured clone.
 */
export interface Program {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly values: ReadonlyMap<string, ValueInfo>;
  /** Values known at load, all of whose numbers are finite. */
  readonly constants: ReadonlySet<string>;
  /** Where each value starts, in bytes; packed weights under {@link packedName}. */
  readonly places: ReadonlyMap<string, number>;
  readonly memory: ArrayBufferLike;
}

const packedName = (node: GraphNode): string => `${node.name}\npacked`;
const bytesOf = ({ shape, dtype }: ValueInfo): number => sizeOf(shape) * (dtype === 'bool' ? 1 : 4);

/** A step that computes something; a reshape only sees memory differently. */
const isView = (node: GraphNode): node is GraphNode<'reshape'> => node.op === 'reshape';

/** Plans a graph and fills the memory with its weights. */
export function makeProgram(source: Graph, allocate: (sizeBytes: number) => ArrayBufferLike): Program {
  const graph = lower(source);
  const { inputs, outputs, values } = graph;
  const roots = viewRoots(graph);
  const rootOf = (value: string): string => roots.get(value) ?? value;
  const nodes = graph.nodes.filter((node) => !isView(node));
  // Packed weights are multiplied by padding, which must be left out where zero times a weight is NaN.
  const isAllFinite = (name: string): boolean => graph.constants.get(name)!.data.every((value) => 0 * value === 0);
  const constants = new Set([...graph.constants.keys()].filter(isAllFinite));

  const { places, sizeBytes } = placeValues(lifetimesOf(graph, nodes, rootOf));
  let end = sizeBytes;
  const fill: ((memory: ArrayBufferLike) => void)[] = [];
  const reserve = (name: string, bytes: number): number => {
    const offset = end;
    places.set(name, offset);
    end += align(bytes);
    return offset;
  };
  const readAsIs = new Set(outputs.map(rootOf));
  for (const node of nodes) {
    const packing = packingOf(node, values, constants);
    for (const [i, input] of node.inputs.entries()) if (!(packing && i === 1)) readAsIs.add(rootOf(input));
    if (!packing) continue;
    const offset = reserve(packedName(node), packing.size * 4);
    const weight = graph.constants.get(node.inputs[1])!;
    fill.push((memory) => packing.pack(weight, new Float32Array(memory, offset, packing.size)));
  }
  for (const [name, tensor] of graph.constants) {
    if (!readAsIs.has(name)) continue;
    const offset = reserve(name, bytesOf(tensor));
    fill.push((memory) => view(memory, offset, tensor).data.set(tensor.data));
  }
  for (const [value, root] of roots) if (places.has(root)) places.set(value, places.get(root)!);

  const memory = allocate(end);
  for (const write of fill) write(memory);
  return { inputs, outputs, nodes, values, constants, places, memory };
}

/** Binds every step's kernel to the program's memory. */
export function bindKernels(program: Program): Kernel[] {
  const { nodes, values, constants, places } = program;
  return nodes.map((node) => {
    const packing = packingOf(node, values, constants);
    const operands = node.inputs.map((input, i) => {
      if (!packing || i !== 1) return tensorOf(program, input);
      return view(program.memory, places.get(packedName(node))!, { dtype: 'float32', shape: [packing.size] });
    });
    const results = node.outputs.map((output) => tensorOf(program, output));
    return familyOf(node, values, constants).bind(node, operands, results, shapesOf(node, values));
  });
}

/** A value of the program, where it lies. */
export const tensorOf = ({ values, places, memory }: Program, value: string): Tensor =>
  view(memory, places.get(value)!, values.get(value)!);

function view(memory: ArrayBufferLike, offset: number, { dtype, shape }: ValueInfo): Tensor {
  const size = sizeOf(shape);
  const data: Record<DataType, () => Tensor['data']> = {
    float32: () => new Float32Array(memory as ArrayBuffer, offset, size),
    int32: () => new Int32Array(memory as ArrayBuffer, offset, size),
    bool: () => new Uint8Array(memory as ArrayBuffer, offset, size),
  };
  return new Tensor(dtype, shape, data[dtype]());
}

const shapesOf = (node: GraphNode, values: Graph['values']): NodeShapes => ({
  inputs: node.inputs.map((input) => values.get(input)!),
  outputs: node.outputs.map((output) => values.get(output)!),
});

const familyOf = (node: GraphNode, values: Graph['values'], constants: ReadonlySet<string>): KernelFamily =>
  familiesFor(node, shapesOf(node, values), constants.has(node.inputs[1]))[0];

const packingOf = (node: GraphNode, values: Graph['values'], constants: ReadonlySet<string>): Packing | undefined =>
  constants.has(node.inputs[1]) ? familyOf(node, values, constants).packing?.(node, shapesOf(node, values)) : undefined;

/** For every reshaped value, the value whose memory it sees. */
function viewRoots({ nodes }: Graph): Map<string, string> {
  const roots = new Map<string, string>();
  for (const { inputs, outputs } of nodes.filter(isView)) roots.set(outputs[0], roots.get(inputs[0]) ?? inputs[0]);
  return roots;
}

/** When each value that is computed is needed, by first step. Inputs are there from the start, outputs stay to the end. */
function lifetimesOf(graph: Graph, nodes: readonly GraphNode[], rootOf: (value: string) => string): Lifetime[] {
  const first = new Map<string, number>(graph.inputs.map((input) => [input, 0]));
  const last = new Map<string, number>(graph.inputs.map((input) => [input, 0]));
  for (const [step, node] of nodes.entries()) {
    for (const output of node.outputs) first.set(output, step);
    for (const value of [...node.inputs, ...node.outputs]) last.set(rootOf(value), step);
  }
  for (const output of graph.outputs) last.set(rootOf(output), nodes.length);
  return [...first].map(([name, step]) => ({
    name,
    sizeBytes: bytesOf(graph.values.get(name)!),
    first: step,
    last: last.get(name)!,
  }));
}
