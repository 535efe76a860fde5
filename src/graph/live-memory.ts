import { sizeOf } from '../tensor';
import type { Graph } from './graph';
import { checkBudget } from './memory-budget';

/** The default of `maxActivationBytes` on the CPU. */
const CPU_BUDGET = 2 ** 29;

/** @throws OutOfMemoryError when the values of a graph that live at the same time take more than `maxBytes` */
export function checkLiveMemory(graph: Graph, maxBytes = CPU_BUDGET): void {
  const bytesOf = (value: string): number => 4 * sizeOf(graph.values.get(value)!.shape);
  const values = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)];
  const lastReads = lastReadsOf(graph);
  let alive = graph.inputs.reduce((sum, input) => sum + bytesOf(input), 0);
  let most = alive;
  for (const node of graph.nodes) {
    for (const output of node.outputs) alive += bytesOf(output);
    most = Math.max(most, alive);
    for (const value of lastReads.get(node.name) ?? []) alive -= bytesOf(value);
  }
  checkBudget(
    graph.name,
    most,
    values.map((value) => [value, bytesOf(value)] as const),
    maxBytes,
  );
}

/** By a node's name: the values that no later node reads. Constants and outputs are read to the end. */
export function lastReadsOf({ nodes, outputs, constants }: Graph): Map<string, string[]> {
  const seen = new Set([...outputs, ...constants.keys()]);
  const lastReads = new Map<string, string[]>();
  for (const { name, inputs } of nodes.toReversed()) {
    const last = [...new Set(inputs)].filter((input) => !seen.has(input));
    for (const input of last) seen.add(input);
    lastReads.set(name, last);
  }
  return lastReads;
}
