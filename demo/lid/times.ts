import type { Engine, LayerTiming } from '../../src';
import type { Bounds } from '../bounds/bounds';
import { byId, make, milliseconds, quantity } from '../dom';
import type { Layer } from './layers';

/**
 * A bar for every layer, with the arithmetic that it achieves and the share of what this adapter can do: the time that its
 * arithmetic or its traffic would need at the adapter's bounds, whichever is longer, over the time that it takes.
 */
export function showTimes(
  timings: readonly LayerTiming[],
  layers: readonly Layer[],
  { adapter, precision }: Engine,
  { multiplyAddsPerSecond, bytesPerSecond }: Bounds,
): void {
  const total = timings.reduce((sum, { timeMs }) => sum + timeMs, 0);
  const longest = Math.max(...timings.map(({ timeMs }) => timeMs));
  const layerOf = new Map(layers.map((layer) => [layer.node.name, layer]));
  const elementBytes = precision === 'f16' ? 2 : 4;
  const achieved = ({ node, timeMs }: LayerTiming): string => {
    const { flops = 0, elementsMoved = 0 } = layerOf.get(node) ?? {};
    if (timeMs === 0 || elementsMoved === 0) return milliseconds(timeMs);
    const seconds = timeMs / 1000;
    const boundSeconds = Math.max(flops / 2 / multiplyAddsPerSecond, (elementsMoved * elementBytes) / bytesPerSecond);
    return `${milliseconds(timeMs)} · ${quantity(flops / seconds)} FLOP/s · ${Math.round((100 * boundSeconds) / seconds)} %`;
  };
  const rows = timings.map((timing) => {
    const bar = make('meter', { min: 0, max: longest, value: timing.timeMs, 'aria-label': timing.node });
    return make('li', {}, make('span', { class: 'name' }, timing.node), bar, make('span', {}, achieved(timing)));
  });
  const clock = timings.some(({ method }) => method === 'wall') ? 'wall clock' : 'GPU timestamps';
  const software = adapter.software
    ? ' This is a software adapter, which computes on the CPU: the times say nothing of a GPU.'
    : '';
  const text = `${milliseconds(total)} in all, by ${clock}. Shares are of what small shaders reach here: ${quantity(2 * multiplyAddsPerSecond)} FLOP/s, ${quantity(bytesPerSecond)} bytes/s.${software}`;
  byId('times').replaceChildren(make('p', { class: 'credit' }, text), make('ol', { class: 'bars' }, ...rows));
}
