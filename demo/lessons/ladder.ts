import type { Engine } from '../../src';
import type { Plan } from '../../src/gpu/plan';
import { Session } from '../../src/gpu/session';
import { type Launch, Stopwatch } from '../../src/gpu/stopwatch';
import { graphStatistics } from '../../src/graph/statistics';
import { multiplyAddBound } from '../bounds/bounds';
import { digits, make, milliseconds } from '../dom';
import { nameOf } from '../gpu';
import { messageOf } from '../notices';
import { gigaflops, LADDER_HEADINGS, ladderGraph, loadsPerMultiplyAdd, planRungs, settingOf } from './rungs';

/** A button that measures every rung on the reader's own adapter. */
export function showLadder(place: HTMLElement, engine: Promise<Engine | undefined>): void {
  const button = make('button', { type: 'button', class: 'primary' }, 'Measure the ladder here');
  const status = make('p', { class: 'status', 'aria-live': 'polite' });
  const body = make('tbody');
  const head = make(
    'thead',
    {},
    make('tr', {}, ...LADDER_HEADINGS.map((heading) => make('th', { scope: 'col' }, heading))),
  );
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
  // A software adapter takes seconds for a rung: one run of each is enough to see the order.
  const stopwatch = new Stopwatch(device, software ? { maxRepeats: 1, rough: true } : {});
  const timer = async (launches: readonly Launch[]): Promise<number> => (await stopwatch.time(launches)).timeMs;
  const timeOf = async (plan: Plan): Promise<number> => {
    const session = await Session.create(device, pipelines, plan);
    const timeMs = await timer(session.dispatches);
    session.dispose();
    return timeMs;
  };
  const early = ladderGraph('early');
  const { flops } = graphStatistics(early);
  const plans = await planRungs(early, traits);
  const late = await planRungs(ladderGraph('late'), traits);
  let naiveMs: number | undefined;
  try {
    const bound = await multiplyAddBound(device, software, timer);
    for (const [rung, plan] of plans) {
      const timeMs = await timeOf(plan);
      naiveMs ??= timeMs;
      const lateMs = await timeOf(late.get(rung)!);
      onRow([
        `${rung.kernel} ${settingOf(plan)}`.trim(),
        rung.idea,
        loadsPerMultiplyAdd(rung, settingOf(plan)).toPrecision(2),
        milliseconds(timeMs),
        gigaflops(flops, timeMs),
        `${digits(naiveMs / timeMs)} ×`,
        `${((100 * flops) / 2 / (timeMs / 1000) / bound).toFixed(0)} %`,
        gigaflops(flops, lateMs),
      ]);
    }
  } finally {
    stopwatch.dispose();
  }
}
