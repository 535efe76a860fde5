import { ModelFormatError } from '../../errors';
import { type OnnxNode, readGraph } from './schema';

/** How deep branches, loops and functions may be nested. */
export const DEEPEST_NESTING = 32;

export interface SortedNodes {
  /** The nodes that the outputs depend on, each behind the nodes that it reads from. */
  readonly nodes: readonly OnnxNode[];
  /** Every name that one of these nodes reads, and the outputs. */
  readonly read: ReadonlySet<string>;
}

/**
 * Sorts nodes topologically, as some exporters do not, and leaves out nodes that no output depends on. Nodes that are
 * sorted already keep their order.
 *
 * @throws ModelFormatError when nodes read from each other in a cycle, or two make a value of the same name
 */
export function sortNodes(nodes: readonly OnnxNode[], outputs: readonly string[]): SortedNodes {
  const makers = new Map<string, number>();
  for (const [i, node] of nodes.entries()) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (makers.has(output)) throw new ModelFormatError(`ONNX model defines "${output}" twice`);
      makers.set(output, i);
    }
  }
  const reads = nodes.map((node) => readsOf(node));
  const read = new Set(outputs);
  const needed: boolean[] = nodes.map(() => false);
  // A set may grow while it is gone through.
  for (const name of read) {
    const maker = makers.get(name);
    if (maker === undefined || needed[maker]) continue;
    needed[maker] = true;
    for (const input of reads[maker]) read.add(input);
  }
  const order = depthFirst(
    nodes.flatMap((_, i) => (needed[i] ? [i] : [])),
    (i) => reads[i].flatMap((input) => makers.get(input) ?? []),
    (i) => {
      throw new ModelFormatError(`ONNX node ${nodes[i].op} "${nodes[i].outputs[0]}" reads from itself, in a cycle`);
    },
  );
  return { nodes: order.map((i) => nodes[i]), read };
}

/** Every start behind those that it depends on. An explicit stack, since chains may be long. */
function depthFirst(
  starts: readonly number[],
  dependenciesOf: (i: number) => readonly number[],
  cycle: (i: number) => never,
): number[] {
  const done: number[] = [];
  const state = new Map<number, 'open' | 'done'>();
  for (const start of starts) {
    const stack = [{ at: start, left: [] as number[] }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (!state.has(top.at)) {
        state.set(top.at, 'open');
        top.left = [...dependenciesOf(top.at)].reverse();
      }
      const next = state.get(top.at) === 'done' ? undefined : top.left.pop();
      if (next !== undefined) {
        if (state.get(next) === 'open') cycle(next);
        if (!state.has(next)) stack.push({ at: next, left: [] });
        continue;
      }
      if (state.get(top.at) === 'open') done.push(top.at);
      state.set(top.at, 'done');
      stack.pop();
    }
  }
  return done;
}

/** The names that a node reads, those that its branches read from outside included. */
function readsOf(node: OnnxNode, depth = 0): readonly string[] {
  const inputs = node.inputs.filter((input) => input !== '');
  const bodies = [...node.attributes.values()].flatMap(({ graph }) => graph ?? []);
  if (bodies.length === 0) return inputs;
  if (depth === DEEPEST_NESTING) {
    throw new ModelFormatError(`ONNX node ${node.op} "${node.name}" is nested ${DEEPEST_NESTING} deep`);
  }
  return [...inputs, ...bodies.flatMap((bytes) => capturesOf(bytes, depth + 1))];
}

function capturesOf(bytes: Uint8Array, depth: number): string[] {
  const body = readGraph(bytes);
  const own = new Set([
    ...body.inputs.map(({ name }) => name),
    ...body.initializers.map(({ name }) => name),
    ...body.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const reads = [...body.nodes.flatMap((node) => readsOf(node, depth)), ...body.outputs.map(({ name }) => name)];
  return reads.filter((name) => !own.has(name));
}
