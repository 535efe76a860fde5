import type { Engine } from '../../src';
import { loadKernels } from '../../src/gpu/kernels';
import { makePlan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { Stopwatch } from '../../src/gpu/stopwatch';
import { graphStatistics } from '../../src/graph/statistics';
import { boundsOf } from '../bounds/bounds';
import { make, milliseconds } from '../dom';
import { nameOf } from '../gpu';
import { messageOf } from '../notices';
import { findRung, ladderGraph, RUNGS } from './rungs';

const HEADINGS = ['Rung', 'Idea', 'Loads per multiply-add', 'Time', 'GFLOP/s', 'Against naive', 'Of the bound'];

/** A button that measures every rung on the reader's own adapter. */
export function showLadder(place: HTMLElement, engine: Promise<Engine | undefined>): void {
  const button = make('button', { type: 'button', class: 'primary' }, 'Measure the ladder here');
  const status = make('p', { class: 'status', 'aria-live': 'polite' });
  const body = make('tbody');
  const head = make('thead', {}, make('tr', {}, ...HEADINGS.map((heading) => make('th', { scope: 'col' }, heading))));
  const scroll = make('div', { class: 'scroll', tabindex: 0, hidden: true }, make('table', {}, head, body));
  place.replaceChildren(make('div', { class: 'card' }, button, status, scroll));
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const gpu = await engine;
      if (!gpu) throw new Error('this browser has no WebGPU to measure.');
      status.textContent = `Measuring on ${nameOf(gpu)} …`;
      body.replaceChildren();
      scroll.hidden = false;
      await measure(gpu, (cells) => {
        body.append(make('tr', {}, ...cells.map((cell, i) => make(i === 0 ? 'th' : 'td', {}, cell))));
      });
      status.textContent = `Measured on ${nameOf(gpu)}.`;
    } catch (error) {
      status.textContent = `The ladder could not be measured: ${messageOf(error)}`;
    } finally {
      button.disabled = false;
    }
  });
}

async function measure(engine: Engine, onRow: (cells: readonly string[]) => void): Promise<void> {
  const { device, traits, pipelines } = await engine.connection();
  const { software } = engine.adapter;
  const bounds = software ? undefined : await boundsOf(device, false);
  const graph = ladderGraph();
  const kernels = await loadKernels(graph);
  const { flops } = graphStatistics(graph);
  const options = { precision: 'f32', device: traits } as const;
  const { candidates } = makePlan(graph, kernels, options).steps.find(({ node }) => node.op === 'conv2d')!;
  // A software adapter takes seconds for a rung: one run of each is enough to see the order.
  const stopwatch = new Stopwatch(device, software ? { maxRepeats: 1, rough: true } : {});
  let naiveMs: number | undefined;
  try {
    for (const rung of RUNGS) {
      const index = findRung(candidates, rung);
      if (index < 0) continue;
      const plan = makePlan(graph, kernels, {
        ...options,
        choose: (all, { node }) => all[node.op === 'conv2d' ? index : 0],
      });
      const session = await Session.create(device, pipelines, plan);
      const { timeMs } = await stopwatch.time(session.dispatches);
      session.dispose();
      naiveMs ??= timeMs;
      onRow([
        `${rung.kernel} ${candidates[index].setting}`.trim(),
        rung.idea,
        rung.loads?.toPrecision(2) ?? '',
        milliseconds(timeMs),
        (flops / timeMs / 1e6).toPrecision(3),
        `${(naiveMs / timeMs).toPrecision(2)} ×`,
        bounds ? `${((100 * flops) / 2 / (timeMs / 1000) / bounds.multiplyAddsPerSecond).toFixed(0)} %` : '',
      ]);
    }
  } finally {
    stopwatch.dispose();
  }
}
