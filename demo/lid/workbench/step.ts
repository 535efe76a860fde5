import type { Engine, Graph, GraphNode, LayerTiming, Model, Tensor } from '../../../src';
import type { Candidate } from '../../../src/gpu/kernel';
import { storageTypeOf } from '../../../src/gpu/session';
import { defineShader, shaderText } from '../../../src/gpu/shader';
import { guardLoops, mostTurns } from './guard';

/** A graph of one node of another graph: what the node reads is its input. */
export function graphOf(graph: Graph, node: GraphNode): Graph {
  const read = [...new Set(node.inputs)];
  const touched = [...read, ...node.outputs].map((value) => [value, graph.values.get(value)!] as const);
  return {
    name: `${graph.name}: ${node.name}`,
    nodes: [node],
    inputs: read.filter((value) => !graph.constants.has(value)),
    outputs: node.outputs,
    values: new Map(touched),
    constants: new Map(
      read.flatMap((value) => (graph.constants.has(value) ? [[value, graph.constants.get(value)!]] : [])),
    ),
  };
}

/** One way to run a layer, with the texts that take the place of its shaders, by launch. */
export interface Version {
  readonly candidate: Candidate;
  readonly edits: ReadonlyMap<number, string>;
}

/** The copy that runs: changed texts with an end to their loops. */
function edited({ candidate, edits }: Version, graph: Graph): Candidate {
  const dispatches = candidate.dispatches.map((dispatch, launch) => {
    const changed = edits.get(launch);
    if (changed === undefined) return dispatch;
    const text = guardLoops(changed, mostTurns(graph, dispatch));
    // The cache of pipelines tells shaders apart by name and variant.
    return { ...dispatch, shader: { ...defineShader(dispatch.shader.name, text), variant: text } };
  });
  return { ...candidate, dispatches };
}

export interface Trial {
  /** By the names of the values that the layer makes. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly timeMs: number;
  readonly method: string;
}

/** Times of which the least counts. */
const TRIALS = 3;

/**
 * Runs versions of one layer alone, and times them in turns, so that other work of the machine slows none of them alone.
 *
 * @param graph of one node
 * @throws ShaderCompileError, GPUValidationError, ArgumentError for parameters that the host does not set
 */
export async function runVersions(
  engine: Engine,
  graph: Graph,
  versions: readonly Version[],
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Trial[]> {
  const [{ name }] = graph.nodes;
  const models: Model[] = [];
  try {
    const results: Record<string, Tensor>[] = [];
    for (const version of versions) {
      const model = await engine.load(graph, {
        optimise: false,
        // Copies into the layout that the layer wants are steps beside it.
        choose: (candidates, { node }) => (node.name === name ? edited(version, graph) : candidates[0]),
      });
      models.push(model);
      results.push(await model.run(inputs));
    }
    const trials: LayerTiming[][] = models.map(() => []);
    for (let trial = 0; trial < TRIALS; trial++) {
      for (const [i, model] of models.entries()) {
        const timings = await model.profile(inputs, engine.adapter.software ? { maxRepeats: 1 } : {});
        trials[i].push(timings.find(({ node }) => node === name)!);
      }
    }
    return trials.map((timings, i) => {
      const { timeMs, method } = timings.reduce((a, b) => (b.timeMs < a.timeMs ? b : a));
      return { outputs: results[i], timeMs, method };
    });
  } finally {
    for (const model of models) model.dispose();
  }
}

/** What the compiler says of a place in a text; lines and columns count from 1. */
export interface Complaint {
  readonly severity: 'error' | 'warning' | 'info';
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly message: string;
}

/** Compiles the text of one launch, as the engine would. */
export async function compile(
  engine: Engine,
  candidate: Candidate,
  launch: number,
  source: string,
): Promise<Complaint[]> {
  const dispatch = candidate.dispatches[launch];
  const { precision } = engine;
  const text = shaderText(
    { ...dispatch.shader, source },
    storageTypeOf(dispatch, { precision }),
    dispatch.subgroupSize,
  );
  // The engine may put lines of its own in front.
  const before = text.split('\n').length - source.split('\n').length;
  const { device } = engine;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: dispatch.shader.name, code: text });
  const [{ messages }, failure] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
  const complaints = messages.map(({ type, lineNum, linePos, length, message }) => ({
    severity: type,
    line: Math.max(1, lineNum - before),
    column: Math.max(1, linePos),
    length,
    message,
  }));
  if (failure && !complaints.some(({ severity }) => severity === 'error')) {
    complaints.push({ severity: 'error', line: 1, column: 1, length: 0, message: failure.message });
  }
  return complaints;
}
