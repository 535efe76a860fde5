import type { Engine, Graph, GraphNode, PlanStep, Shape } from '../../src';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan, type Plan } from '../../src/gpu/plan';
import { optimise } from '../../src/graph/passes';
import { graphStatistics } from '../../src/graph/statistics';
import { byId, make, milliseconds, quantity } from '../dom';

/** One step of a network as it runs, or one node where nothing is planned. */
export interface Layer {
  readonly node: GraphNode;
  /** The value that the pages under the lid look at. */
  readonly output: string;
  readonly shape: Shape;
  readonly parameters: number | undefined;
  readonly flops: number | undefined;
  /** Read and written, each once. */
  readonly elementsMoved: number | undefined;
  /** How it runs on the GPU; without one there is no plan. */
  readonly step: PlanStep | undefined;
}

/** A network's layers, as fused or as written. */
export interface Listing {
  /** The network as it is written. */
  readonly source: Graph;
  /** The network as it runs. */
  readonly graph: Graph;
  readonly plan: Plan | undefined;
  readonly layers: readonly Layer[];
}

export async function listLayers(engine: Engine | undefined, source: Graph, fuse: boolean): Promise<Listing> {
  const device = (await engine?.connection())?.traits;
  const graph = fuse ? await optimise(source, device?.profile ?? { software: false }) : source;
  const kernels = await loadKernels(graph);
  const plan = engine && device && makePlan(graph, kernels, { precision: engine.precision, device });
  const { nodes } = graphStatistics(graph);
  const layerOf = (node: GraphNode, step?: PlanStep): Layer => {
    const [output] = node.outputs;
    const { parameters, flops, elementsMoved } = nodes.get(node.name) ?? {};
    const shape = plan?.tensors.get(output)?.shape ?? graph.values.get(output)!.shape;
    return { node, output, shape, parameters, flops, elementsMoved, step };
  };
  const layers = plan ? plan.steps.map((step) => layerOf(step.node, step)) : graph.nodes.map((node) => layerOf(node));
  return { source, graph, plan, layers };
}

const HEADINGS = ['Layer', 'Kernel', 'Output', 'Parameters', 'FLOP', 'Time'];

/**
 * Lists the layers as buttons.
 *
 * @param timesMs by node name
 */
export function showLayers(
  { layers, plan }: Listing,
  chosen: string,
  timesMs: ReadonlyMap<string, number>,
  onChoose: (output: string) => void,
): void {
  const head = make('tr', {}, ...HEADINGS.map((heading) => make('th', { scope: 'col' }, heading)));
  const rows = layers.map(({ node, output, shape, parameters, flops, step }) => {
    const name = choice(node, () => onChoose(output), output === chosen);
    const time = timesMs.get(node.name);
    const cells = [
      step ? kernelName(step) : node.op,
      shape.join(' × '),
      parameters ? quantity(parameters) : '',
      flops ? quantity(flops) : '',
      time === undefined ? '' : milliseconds(time),
    ];
    const row = make('tr', {}, make('th', { scope: 'row' }, name), ...cells.map((cell) => make('td', {}, cell)));
    row.classList.toggle('chosen', output === chosen);
    return row;
  });
  const launches = plan?.steps.reduce((sum, { chosen: { dispatches } }) => sum + dispatches.length, 0);
  const what = launches === undefined ? 'none planned without a GPU' : `${launches} launches`;
  byId('layers').replaceChildren(
    make('p', { class: 'credit' }, `${layers.length} steps, ${what}.`),
    make('table', { class: 'layers' }, make('thead', {}, head), make('tbody', {}, ...rows)),
  );
}

function choice({ name }: GraphNode, onClick: () => void, chosen: boolean): HTMLElement {
  const button = make('button', { type: 'button' }, name);
  if (chosen) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', onClick);
  return button;
}

/** A step without launches only looks at memory differently. */
export function kernelName({ chosen: { kernel, setting, dispatches } }: PlanStep): string {
  if (dispatches.length === 0) return 'in place';
  return setting ? `${kernel} (${setting})` : kernel;
}
