import { type Graph, Tensor } from '../src';
import { dropDead } from '../src/graph/passes/drop-dead';
import { runReference } from '../src/reference';
import { revived } from './tensors';

export interface CpuRequest {
  readonly graph: Graph;
  readonly input: Tensor;
}

/** The graph's outputs by name. */
export type CpuAnswer = { readonly values: ReadonlyMap<string, Tensor> } | { readonly error: string };

self.onmessage = ({ data }: MessageEvent<CpuRequest>) => {
  self.postMessage(answer(data));
};

function answer({ graph, input }: CpuRequest): CpuAnswer {
  try {
    const whole = { ...graph, constants: revived(graph.constants) };
    const counters = [...(graph.rowCounts?.values() ?? [])];
    const computed = runReference(dropDead(whole), { [graph.inputs[0]]: input }, [...graph.outputs, ...counters]);
    return { values: new Map(graph.outputs.map((name) => [name, counted(graph, name, computed)])) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Only the rows that count. */
function counted(graph: Graph, name: string, values: ReadonlyMap<string, Tensor>): Tensor {
  const value = values.get(name)!;
  const counter = graph.rowCounts?.get(name);
  if (counter === undefined) return value;
  const [rows, ...rest] = value.shape;
  const count = Number(values.get(counter)!.data[0]);
  return Tensor.float32([count, ...rest], value.data.slice(0, (value.size / rows) * count));
}
