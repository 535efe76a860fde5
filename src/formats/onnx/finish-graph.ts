import type { Graph, GraphNode } from '../../graph/graph';

/**
 * Drops nodes that no output needs, and gives values the names that the ONNX file has for them.
 *
 * @param preferred pairs of the name wanted and the value's present name, the most important first
 * @param optional inputs that are dropped when nothing reads them, because their value became a constant
 */
export function finishGraph(
  graph: Graph,
  preferred: readonly (readonly [wanted: string, present: string])[],
  optional: ReadonlySet<string>,
): Graph {
  const live = liveValues(graph);
  const inputs = graph.inputs.filter((name) => live.has(name) || !optional.has(name));
  const kept = new Set([...live, ...inputs]);
  const names = chooseNames(kept, inputs, preferred);
  const rename = (name: string): string => names.get(name)!;
  const entries = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
    [...map].filter(([name]) => kept.has(name)).map(([name, value]) => [rename(name), value]);
  return {
    name: graph.name,
    inputs,
    outputs: graph.outputs.map(rename),
    nodes: graph.nodes
      .filter((node) => node.outputs.some((output) => live.has(output)))
      .map((node): GraphNode => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) })),
    values: new Map(entries(graph.values)),
    constants: new Map(entries(graph.constants)),
    rowCounts: new Map(
      entries(graph.rowCounts ?? new Map<string, string>())
        .filter(([, rows]) => kept.has(rows))
        .map(([name, rows]) => [name, rename(rows)]),
    ),
    rowAxes: new Map(entries(graph.rowAxes ?? new Map<string, number>())),
  };
}

/** The outputs and inputs of every node that an output of the graph depends on. */
function liveValues(graph: Graph): Set<string> {
  const live = new Set(graph.outputs);
  const rows = graph.rowCounts ?? new Map<string, string>();
  for (const output of graph.outputs) if (rows.has(output)) live.add(rows.get(output)!);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => live.has(output))) continue;
    for (const value of [...node.inputs, ...node.outputs]) live.add(value);
  }
  return live;
}

function chooseNames(
  values: ReadonlySet<string>,
  inputs: readonly string[],
  preferred: readonly (readonly [wanted: string, present: string])[],
): Map<string, string> {
  const names = new Map(inputs.map((name) => [name, name]));
  const taken = new Set(inputs);
  const take = (present: string, name: string): void => {
    names.set(present, name);
    taken.add(name);
  };
  for (const [wanted, present] of preferred) {
    if (values.has(present) && !names.has(present) && !taken.has(wanted)) take(present, wanted);
  }
  for (const value of values) {
    if (names.has(value)) continue;
    let name = value;
    while (taken.has(name)) name += "'";
    take(value, name);
  }
  return names;
}
