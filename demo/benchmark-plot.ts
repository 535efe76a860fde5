import type { Row } from '../bench/report';
import { make } from './dom';

/** Engines by what reports call them; the first are drawn on top. */
export const ENGINES: Readonly<Record<Row['engine'], { readonly name: string }>> = {
  fovea: { name: 'Fovea' },
  'ort-webgpu': { name: 'ONNX Runtime Web' },
  tfjs: { name: 'TensorFlow.js' },
  litert: { name: 'LiteRT.js' },
  'ort-wasm': { name: 'ONNX Runtime Web, wasm without GPU' },
};

/** A logarithmic axis. */
export interface Axis {
  /** Powers of ten. */
  readonly ticks: readonly number[];
  /** Where a time is, from 0 to 1. */
  at(ms: number): number;
}

/** The axis on which all times lie. */
export function axisOf(times: readonly number[]): Axis {
  const low = Math.floor(Math.log10(Math.min(...times)));
  const high = Math.ceil(Math.log10(Math.max(...times)));
  const span = Math.max(1, high - low);
  return {
    ticks: Array.from({ length: span + 1 }, (_, i) => 10 ** (low + i)),
    at: (ms) => (Math.log10(ms) - low) / span,
  };
}

/** A dot for each engine, with a line from the fastest to the slowest. */
export function dotPlot(
  rows: readonly Row[],
  timeOf: (row: Row) => number,
  { ticks, at }: Axis,
  said: string,
  duration: (ms: number) => string,
): HTMLElement {
  const plot = make('div', { class: 'dots', role: 'img', 'aria-label': said });
  const place = (element: HTMLElement, ms: number): HTMLElement => {
    element.style.left = `${100 * at(ms)}%`;
    return element;
  };
  const times = rows.map(timeOf);
  const range = place(make('span', { class: 'range' }), Math.min(...times));
  range.style.width = `${100 * (at(Math.max(...times)) - at(Math.min(...times)))}%`;
  const order = Object.keys(ENGINES);
  const byRank = rows.toSorted((a, b) => order.indexOf(b.engine) - order.indexOf(a.engine));
  plot.append(
    ...ticks.map((tick) => place(make('span', { class: 'line' }), tick)),
    range,
    ...byRank.map((row) => {
      const title = `${ENGINES[row.engine].name}: ${duration(timeOf(row))}`;
      return place(make('span', { class: `dot ${row.engine}`, title }), timeOf(row));
    }),
  );
  return plot;
}
