import type { AdapterReport, LayerTiming } from '../../src';
import { byId, make, milliseconds, quantity } from '../dom';
import type { Layer } from './layers';

/** A bar for every layer, with the arithmetic that it achieves beside the best that this adapter shows here. */
export function showTimes(timings: readonly LayerTiming[], layers: readonly Layer[], adapter: AdapterReport): void {
  const total = timings.reduce((sum, { timeMs }) => sum + timeMs, 0);
  const longest = Math.max(...timings.map(({ timeMs }) => timeMs));
  const flops = new Map(layers.map((layer) => [layer.node.name, layer.flops ?? 0]));
  const rate = ({ node, timeMs }: LayerTiming): number => (timeMs > 0 ? (flops.get(node) ?? 0) / (timeMs / 1000) : 0);
  const best = Math.max(...timings.map(rate));
  const rows = timings.map((timing) => {
    const share = best > 0 ? Math.round((100 * rate(timing)) / best) : 0;
    const reached = rate(timing) > 0 ? `${quantity(rate(timing))} FLOP/s, ${share} %` : '';
    const bar = make('meter', { min: 0, max: longest, value: timing.timeMs, 'aria-label': timing.node });
    return make(
      'li',
      {},
      make('span', { class: 'name' }, timing.node),
      bar,
      make('span', {}, `${milliseconds(timing.timeMs)}  ${reached}`),
    );
  });
  const clock = timings.some(({ method }) => method === 'wall') ? 'wall clock' : 'GPU timestamps';
  const software = adapter.software
    ? ' This is a software adapter, which computes on the CPU: the times say nothing of a GPU.'
    : '';
  const text = `${milliseconds(total)} in all, by ${clock}; the fastest layer reaches ${quantity(best)} FLOP/s.${software}`;
  byId('times').replaceChildren(make('p', { class: 'credit' }, text), make('ol', { class: 'bars' }, ...rows));
}

export function sayOfTimes(text: string): void {
  byId('times').replaceChildren(make('p', {}, text));
}
