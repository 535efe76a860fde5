import type { VisionModel } from '../src';
import { graphStatistics } from '../src/graph/statistics';
import { sizeOf } from '../src/tensor';
import accuracies from './accuracies.json';
import { byId, make, milliseconds, quantity } from './dom';
import { readable } from './drawing';

const HEADINGS = [
  'Answer',
  'Parameters',
  'Arithmetic',
  'Time here',
  'Numbers out',
  'Knows',
  'Accuracy on unseen pictures',
];

const ACCURACIES: Readonly<Record<string, string>> = accuracies;

/** One network, with the card of its answers. */
export interface Costing {
  readonly card: { readonly name: string; readonly question: string };
  readonly model: VisionModel;
  /** Whether it is the page's own, whose accuracy is known. */
  readonly isOwn: boolean;
}

/** Compares the answers: what each buys and costs. */
export function showCosts(networks: readonly Costing[], timesMs: Readonly<Record<string, number>>): void {
  const head = make('thead', {}, make('tr', {}, ...HEADINGS.map((heading) => make('th', { scope: 'col' }, heading))));
  const rows = networks.map(({ card: { name, question }, model: { graph, labels }, isOwn }) => {
    const { parameters, flops } = graphStatistics(graph);
    const outputs = graph.outputs.reduce((sum, output) => sum + sizeOf(graph.values.get(output)!.shape), 0);
    const cells = [
      quantity(parameters),
      `${quantity(flops)} FLOP`,
      name in timesMs ? milliseconds(timesMs[name]) : '…',
      quantity(outputs),
      knowledge(labels),
      isOwn ? ACCURACIES[name] : 'not measured',
    ];
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, question),
      ...cells.map((cell, i) => make('td', { 'data-heading': HEADINGS[i + 1] }, cell)),
    );
  });
  byId('costs').parentElement!.tabIndex = 0;
  byId('costs').replaceChildren(head, make('tbody', {}, ...rows));
}

/** How many things a network knows, and on demand their names. */
function knowledge(labels: readonly string[]): HTMLElement {
  const things = labels.filter((label) => label !== 'background').map(readable);
  return make('details', {}, make('summary', {}, `${things.length} things`), things.join(', '));
}
