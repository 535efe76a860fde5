import type { Engine, Graph, GraphNode, PlanStep, Shape } from '../../src';
import type { Plan } from '../../src/gpu/plan';
import { planGraph } from '../../src/gpu/plan-graph';
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
  /** What joined layers make beside their first output, each as a layer to be looked at. */
  readonly further: readonly Layer[];
}

/** All values that may be looked at. */
export const outputsOf = ({ layers, further }: Listing): readonly Layer[] => [...layers, ...further];

export async function listLayers(engine: Engine | undefined, source: Graph, fuse: boolean): Promise<Listing> {
  const device = (await engine?.connection())?.traits;
  const graph = fuse ? await optimise(source, device?.profile ?? { software: false }) : source;
  const planning = engine && device && { precision: engine.precision, device, optimise: false };
  const plan = planning && (await planGraph(graph, planning));
  const { nodes } = graphStatistics(graph);
  const layerOf = (node: GraphNode, step?: PlanStep, output: string = node.outputs[0]): Layer => {
    const { parameters, flops, elementsMoved } = nodes.get(node.name) ?? {};
    const shape = plan?.tensors.get(output)?.shape ?? graph.values.get(output)!.shape;
    return { node, output, shape, parameters, flops, elementsMoved, step };
  };
  const layers = plan ? plan.steps.map((step) => layerOf(step.node, step)) : graph.nodes.map((node) => layerOf(node));
  const further = layers.flatMap(({ node, step }) =>
    node.outputs.slice(1).map((output) => layerOf(node, step, output)),
  );
  return { source, graph, plan, layers, further };
}

const HEADINGS = ['Layer', 'Kernel', 'Output', 'Parameters', 'FLOP', 'Time'];

/**
 * Lists the layers as buttons.
 *
 * @param timesMs by node name
 */
export function showLayers(
  { layers, further, plan }: Listing,
  chosen: string,
  timesMs: ReadonlyMap<string, number>,
  onChoose: (output: string) => void,
): void {
  const head = make('tr', {}, ...HEADINGS.map((heading) => make('th', { scope: 'col' }, heading)));
  const rowOf = (layer: Layer, title: string, cells: readonly string[]): HTMLElement => {
    const name = choice(title, () => onChoose(layer.output), layer.output === chosen);
    const row = make('tr', {}, make('th', { scope: 'row' }, name), ...cells.map((cell) => make('td', {}, cell)));
    row.classList.toggle('chosen', layer.output === chosen);
    return row;
  };
  const rows = layers.flatMap((layer) => {
    const { node, shape, parameters, flops, step } = layer;
    const time = timesMs.get(node.name);
    const first = rowOf(layer, node.name, [
      step ? kernelName(step) : node.op,
      shape.join(' × '),
      parameters ? quantity(parameters) : '',
      flops ? quantity(flops) : '',
      time === undefined ? '' : milliseconds(time),
    ]);
    const others = further.filter((other) => other.node === node);
    return [
      first,
      ...others.map((other) => rowOf(other, titleOf(other), ['same launch', other.shape.join(' × '), '', '', ''])),
    ];
  });
  const launches = plan?.steps.reduce((sum, { chosen: { dispatches } }) => sum + dispatches.length, 0);
  const what = launches === undefined ? 'none planned without a GPU' : `${launches} launches`;
  byId('layers').replaceChildren(
    make('p', { class: 'credit' }, `${layers.length} steps, ${what}.`),
    make('table', { class: 'layers' }, make('thead', {}, head), make('tbody', {}, ...rows)),
  );
}

/** The name of a layer; a further output of a joined layer has the name of its value. */
export const titleOf = ({ node, output }: Layer): string => (output === node.outputs[0] ? node.name : output);

function choice(name: string, onClick: () => void, chosen: boolean): HTMLElement {
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
