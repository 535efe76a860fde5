import { graphStatistics } from '../src/graph/statistics';
import { sizeOf } from '../src/tensor';
import accuracies from './accuracies.json';
import { type Models, TASKS, type Task } from './backend';
import { byId, make, milliseconds, quantity } from './dom';

const NAMES: Readonly<Record<Task, string>> = {
  classify: 'What is it?',
  detect: 'What is where?',
  segment: 'Which pixels?',
};

const HEADINGS = ['Answer', 'Parameters', 'Arithmetic', 'Time here', 'Numbers out', 'Accuracy on unseen pictures'];

/** Compares the three tasks: what each buys and costs. */
export function showCosts(models: Models, timesMs: Readonly<Partial<Record<Task, number>>>): void {
  const head = make('thead', {}, make('tr', {}, ...HEADINGS.map((heading) => make('th', { scope: 'col' }, heading))));
  const rows = TASKS.map((task) => {
    const { graph } = models[task];
    const { parameters, flops } = graphStatistics(graph);
    const outputs = graph.outputs.reduce((sum, output) => sum + sizeOf(graph.values.get(output)!.shape), 0);
    const cells = [
      quantity(parameters),
      `${quantity(flops)} FLOP`,
      timesMs[task] === undefined ? '…' : milliseconds(timesMs[task]),
      quantity(outputs),
      accuracies[task],
    ];
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, NAMES[task]),
      ...cells.map((cell, i) => make('td', { 'data-heading': HEADINGS[i + 1] }, cell)),
    );
  });
  byId('costs').parentElement!.tabIndex = 0;
  byId('costs').replaceChildren(head, make('tbody', {}, ...rows));
}
