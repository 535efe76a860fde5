import { kindOf } from '../arguments';
import { ArgumentError } from '../errors';
import { type Shape, sameShape, sizeOf, Tensor, type ValueInfo } from '../tensor';
import type { Graph } from './graph';

/** A tensor, with data on the host or, for the runner that has one, in a buffer of a GPU. */
interface Given extends ValueInfo {
  readonly data?: unknown;
  readonly buffer?: object;
}

/**
 * What every runner asks of a call.
 *
 * @param onGpu whether a tensor may lie in a buffer
 * @throws ArgumentError when an input is missing or has another shape or type than the graph declares, and when it
 *   declares no value of the name of an output
 */
export function checkRun(
  graph: Graph,
  inputs: Readonly<Record<string, Given>>,
  outputs: readonly string[],
  onGpu = false,
): void {
  const unknown = outputs.find((output) => !graph.values.has(output));
  if (unknown !== undefined) throw new ArgumentError(`graph "${graph.name}" has no value "${unknown}"`);
  if (Object(inputs) !== inputs) {
    throw new ArgumentError(`graph "${graph.name}" takes tensors by name: ${graph.inputs.join(', ')}`);
  }
  for (const name of graph.inputs)
    checkInput(graph, name, Object.hasOwn(inputs, name) ? inputs[name] : undefined, onGpu);
}

/** @throws ArgumentError for what is no tensor as the graph declares its input */
export function checkInput(graph: Graph, name: string, tensor: Given | undefined, onGpu = false): void {
  const expected = graph.inputs.includes(name) ? graph.values.get(name) : undefined;
  if (!expected) throw new ArgumentError(`graph "${graph.name}" has no input "${name}"`);
  if (tensor === undefined) throw new ArgumentError(`input "${name}" of graph "${graph.name}" is missing`);
  // A structured clone has all of a tensor but its class.
  if (!Array.isArray(tensor?.shape) || !(ArrayBuffer.isView(tensor.data) || (onGpu && tensor.buffer))) {
    throw new ArgumentError(`input "${name}" must be a Tensor, ${text(expected)}, got ${kindOf(tensor)}`);
  }
  if (tensor.dtype !== expected.dtype || !sameShape(tensor.shape, expected.shape)) {
    throw new ArgumentError(`input "${name}" must be ${text(expected)}, got ${text(tensor)}`);
  }
}

const text = ({ dtype, shape }: ValueInfo): string => `${dtype} [${shape.join(', ')}]`;

/** The values that say how many rows of these outputs count. */
export const countersOf = ({ rowCounts }: Graph, outputs: readonly string[]): string[] =>
  outputs.flatMap((output) => rowCounts?.get(output) ?? []);

/** Outputs by name, only the rows that count. */
export function countedOutputs(
  graph: Graph,
  outputs: readonly string[],
  values: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  return new Map(
    outputs.map((output) => {
      const value = values.get(output)!;
      const [counter] = countersOf(graph, [output]);
      if (counter !== undefined) return [output, countedPart(graph, output, value, values.get(counter)!)];
      // A result is the caller's own.
      const isShared = graph.constants.has(output) || graph.inputs.includes(output);
      return [output, isShared ? copyOf(value) : value];
    }),
  );
}

/** The same tensor with data of its own. */
export const copyOf = ({ dtype, shape, data }: Tensor): Tensor => new Tensor(dtype, shape, data.slice());

/** The shape of an output of which only `count` rows count. */
export function countedShape({ values, rowAxes }: Graph, output: string, count: Tensor): Shape {
  return values.get(output)!.shape.with(rowAxes?.get(output) ?? 0, count.data[0]);
}

function countedPart(graph: Graph, output: string, value: Tensor, count: Tensor): Tensor {
  const shape = countedShape(graph, output, count);
  const part = Tensor.zeros(value.dtype, shape);
  const axis = graph.rowAxes?.get(output) ?? 0;
  const row = sizeOf(shape.slice(axis));
  const step = sizeOf(value.shape.slice(axis));
  for (let to = 0, from = 0; to < part.size; to += row, from += step) {
    part.data.set(value.data.subarray(from, from + row), to);
  }
  return part;
}
