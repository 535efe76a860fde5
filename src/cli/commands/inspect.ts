import { ArgumentError } from '../../errors';
import { PORTABLE_DEVICE } from '../../gpu/adapter-profile';
import { launchesOf, type Plan } from '../../gpu/plan';
import { planGraph } from '../../gpu/plan-graph';
import { plannedMemory } from '../../gpu/planned-memory';
import type { Graph } from '../../graph/graph';
import { graphStatistics } from '../../graph/statistics';
import { columns, defineCommand } from '../command';
import { formatBytes, formatCount, formatShape, formatUnits } from '../format';
import { loadModel, MODEL_OPTIONS, MODEL_USAGE } from '../load-model';

/** Prints what a network consists of, what it costs and how it would run. */
export const inspect = defineCommand({
  name: 'inspect',
  usage: '<model>',
  summary: 'print nodes, shapes, parameters, arithmetic and memory of a network',
  details: `${MODEL_USAGE} The plan is that for a device with WebGPU's guaranteed limits.`,
  options: {
    plan: { type: 'boolean', summary: 'print what is run after fusing: kernels, launches and places in memory' },
    precision: { type: 'string', choices: ['f32', 'f16'], default: 'f32', summary: 'how the plan stores numbers' },
    ...MODEL_OPTIONS,
  },
  async run([reference, ...more], options, output) {
    if (reference === undefined) throw new ArgumentError('inspect needs a model: a name or a file');
    if (more.length > 0) throw new ArgumentError(`inspect takes one model, got "${more[0]}" beside "${reference}"`);
    const { graph } = await loadModel(reference, options, output);
    const network = describeNetwork(graph);
    const print = (value: unknown, text: () => string): void =>
      output.out(`${options.json ? JSON.stringify(value, null, 2) : text()}\n`);
    let plan: Plan;
    let unfused: number | undefined;
    try {
      const planning = { precision: options.precision, device: PORTABLE_DEVICE };
      plan = await planGraph(graph, planning);
      if (options.plan) unfused = launchesOf(await planGraph(graph, { ...planning, optimise: false }));
    } catch (error) {
      // A network can be described even where it cannot run.
      if (!options.json) print(network, () => networkText(network));
      throw error;
    }
    const memory = describeMemory(plan);
    const planned = unfused === undefined ? undefined : describePlan(plan, unfused);
    print({ ...network, memory, ...(planned && { plan: planned }) }, () =>
      [networkText(network), memoryText(memory), ...(planned ? [planText(planned)] : [])].join('\n\n'),
    );
  },
});

type Network = ReturnType<typeof describeNetwork>;
type Memory = ReturnType<typeof describeMemory>;
type PlanDescription = ReturnType<typeof describePlan>;

function describeNetwork(graph: Graph) {
  const { nodes, parameters, flops } = graphStatistics(graph);
  const value = (name: string) => ({ name, ...graph.values.get(name)! });
  return {
    name: graph.name,
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    nodes: graph.nodes.map((node) => ({
      name: node.name,
      op: node.op,
      attributes: node.attributes,
      inputs: node.inputs,
      outputs: node.outputs.map(value),
      parameters: nodes.get(node.name)!.parameters,
      flops: nodes.get(node.name)!.flops,
    })),
    parameters,
    flops,
  };
}

function describeMemory(plan: Plan) {
  const { memory, graph } = plan;
  const constants = [...graph.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const { activationBytes, weightBytes, paramBytes, readbackBytes } = plannedMemory(plan);
  return {
    /** Peak of all computed tensors, inputs and outputs included; constants are counted apart. */
    peakBytes: memory.peakBytes,
    lowerBoundBytes: memory.lowerBoundBytes,
    bufferBytes: memory.buffers,
    constantBytes: constants,
    /** The figure of `engine.memory()` once the network is loaded. */
    totalBytes: activationBytes + weightBytes + paramBytes,
    weightBytes,
    paramBytes,
    /** Added for each request that is under way at the same time. */
    readbackBytes,
  };
}

/** The steps that run and, apart from them, the views: nodes that launch nothing, since they only reinterpret memory. */
function describePlan(plan: Plan, unfusedLaunches: number) {
  const { steps, tensors, memory, precision } = plan;
  const place = (value: string) => {
    const { root, layout, shape } = tensors.get(value)!;
    const at = memory.places.get(root);
    return { value, shape, layout, ...(root !== value && { partOf: root }), ...at };
  };
  const all = steps.map(({ node, chosen }) => ({
    node: node.name,
    op: node.op,
    kernel: chosen.kernel,
    setting: chosen.setting,
    launches: chosen.dispatches.map(({ shader, workgroups }) => ({ shader: shader.name, workgroups })),
    outputs: node.outputs.map(place),
  }));
  return {
    precision,
    launches: launchesOf(plan),
    unfusedLaunches,
    steps: all.filter(({ launches }) => launches.length > 0),
    views: all.filter(({ launches }) => launches.length === 0).map(({ node, op, outputs }) => ({ node, op, outputs })),
  };
}

function networkText({ name, inputs, outputs, nodes, parameters, flops }: Network): string {
  const value = ({ name, dtype, shape }: Network['inputs'][number]): string => `${name} ${dtype} ${formatShape(shape)}`;
  const rows = nodes.map((node) => [
    node.name,
    'fn' in node.attributes ? `${node.op} ${node.attributes.fn}` : node.op,
    node.outputs.map(({ shape }) => formatShape(shape)).join(' '),
    formatCount(node.parameters),
    formatUnits(node.flops, 'FLOP'),
  ]);
  return [
    name,
    ...inputs.map((input) => `  input   ${value(input)}`),
    ...outputs.map((output) => `  output  ${value(output)}`),
    '',
    ...columns([['node', 'operator', 'output', 'parameters', 'arithmetic'], ...rows]),
    '',
    `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, ${formatCount(parameters)} parameters, ${formatUnits(flops, 'FLOP')} (a multiply-add counts two)`,
  ].join('\n');
}

function memoryText({ bufferBytes, ...bytes }: Memory): string {
  const { peakBytes, lowerBoundBytes } = bytes;
  const ratio = lowerBoundBytes > 0 ? ` (${(peakBytes / lowerBoundBytes).toFixed(2)} of the least possible)` : '';
  const size = (what: keyof typeof bytes): string => formatBytes(bytes[what]);
  return [
    `memory: peak ${size('peakBytes')}${ratio} in buffers of ${bufferBytes.map(formatBytes).join(' + ')}; constants ${size('constantBytes')}`,
    `on the GPU: ${size('totalBytes')} with ${size('weightBytes')} of weights as the kernels store them and ${size('paramBytes')} of parameters; read-back ${size('readbackBytes')} a request`,
  ].join('\n');
}

function planText({ steps, views, launches, unfusedLaunches }: PlanDescription): string {
  const rows = steps.map((step) => [
    step.node,
    step.op,
    [step.kernel, step.setting].filter(Boolean).join(' '),
    step.launches.map(({ workgroups }) => workgroups.join('×')).join(', '),
    step.outputs
      .map((o) => `${o.partOf ? `in ${o.partOf} ` : ''}${o.buffer === undefined ? '' : `#${o.buffer}+${o.offset}`}`)
      .join(', '),
  ]);
  const share = Math.round((100 * launches) / unfusedLaunches);
  const seen = views.map(({ node, op }) => `${node} (${op})`).join(', ');
  return [
    `plan: ${steps.length} steps, ${launches} launches, ${share} % of the ${unfusedLaunches} without fusing`,
    '',
    ...columns([['node', 'operator', 'kernel', 'workgroups', 'memory (buffer + offset in bytes)'], ...rows]),
    ...(views.length > 0 ? ['', `in place, nothing runs for them: ${seen}`] : []),
  ].join('\n');
}
