import { ArgumentError } from '../errors';
import { sameShape, sizeOf, Tensor, type ValueInfo } from '../tensor';
import type { Graph } from './graph';

/**
 * What every runner without a GPU asks of a call.
 *
 * @throws ArgumentError when an input is missing or has another shape or type than the graph declares, and when it
 *   declares no value of the name of an output
 */
export function checkRun(graph: Graph, inputs: Readonly<Record<string, Tensor>>, outputs: readonly string[]): void {
  const unknown = outputs.find((output) => !graph.values.has(output));
  if (unknown !== undefined) throw new ArgumentError(`there is no value "${unknown}" in graph "${graph.name}"`);
  for (const name of graph.inputs) {
    const tensor = inputs[name];
    const expected = graph.values.get(name)!;
    if (!tensor) throw new ArgumentError(`input "${name}" of graph "${graph.name}" is missing`);
    if (tensor.dtype !== expected.dtype || !sameShape(tensor.shape, expected.shape)) {
      throw new ArgumentError(`input "${name}" must be ${text(expected)}, got ${text(tensor)}`);
    }
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
      return [output, counter === undefined ? value : leadingRows(value, values.get(counter)!.data[0])];
    }),
  );
}

function leadingRows({ dtype, shape: [, ...row], data }: Tensor, rows: number): Tensor {
  return new Tensor(dtype, [rows, ...row], data.slice(0, rows * sizeOf(row)));
}
