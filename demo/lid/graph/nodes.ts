import { make, milliseconds, quantity } from '../../dom';
import { kernelName, type Layer } from '../layers';
import type { Layering } from './layering';

/** A layer's box, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const NARROWEST = 184;
const WIDEST = 264;
const HEIGHT = 60;
const LANE = WIDEST + 24;
const RANK = HEIGHT + 28;
export const MARGIN = 12;

export const sizeOf = ({ width, ranks }: Layering): { width: number; height: number } => ({
  width: Math.round(width * LANE) + 2 * MARGIN,
  height: ranks * RANK - (RANK - HEIGHT) + 2 * MARGIN,
});

/** Where each layer lies. Its box is the wider the more arithmetic it takes, by square root. */
export function boxesOf(layers: readonly Layer[], { places }: Layering): Map<Layer, Box> {
  const most = Math.max(1, ...layers.map(({ flops }) => flops ?? 0));
  return new Map(
    layers.map((layer) => {
      const { x, rank } = places.get(layer.node.name)!;
      const width = Math.round(NARROWEST + (WIDEST - NARROWEST) * Math.sqrt((layer.flops ?? 0) / most));
      const left = Math.round(MARGIN + x * LANE - width / 2);
      return [layer, { left, top: MARGIN + rank * RANK, width, height: HEIGHT }];
    }),
  );
}

/** The lines between boxes as paths of SVG, from the lower edge of one to the upper edge of the other. */
export function pathsOf({ lines, places }: Layering): string[] {
  const across = (x: number): number => Math.round(MARGIN + x * LANE);
  return lines.map(({ from, through }) => {
    const start = places.get(from)!;
    let [x, y] = [across(start.x), MARGIN + start.rank * RANK + HEIGHT];
    let path = `M${x} ${y}`;
    for (const [i, point] of through.entries()) {
      const [toX, top] = [across(point.x), MARGIN + point.rank * RANK];
      const middle = (y + top) / 2;
      path += `C${x} ${middle} ${toX} ${middle} ${toX} ${top}`;
      [x, y] = [toX, top];
      if (i < through.length - 1) {
        y += HEIGHT;
        path += `V${y}`;
      }
    }
    return path;
  });
}

/** What a box says, line by line. */
export function linesOf({ node, shape, flops, step }: Layer, written: number, timeMs: number | undefined): string[] {
  const what = step ? kernelName(step) : node.op;
  const costs = [
    (shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape).join('×'),
    ...(flops ? [quantity(flops)] : []),
    ...(timeMs === undefined ? [] : [milliseconds(timeMs)]),
  ];
  return [node.name, written > 1 ? `⊕${written} ${what}` : what, costs.join(' · ')];
}

/** How warm the colour of a layer is, in percent: by the square root of its share of the longest time. */
export const warmth = (timeMs: number | undefined, longestMs: number): number =>
  timeMs === undefined || longestMs <= 0 ? 0 : Math.round(45 * Math.sqrt(timeMs / longestMs));

/** A layer as a button. */
export function nodeButton(layer: Layer, box: Box, text: readonly string[]): HTMLButtonElement {
  const [name, ...rest] = text;
  const words = make('span', { class: 'words' }, make('b', {}, name), ...rest.map((line) => make('small', {}, line)));
  const button = make('button', { type: 'button', class: 'node', title: text.join('\n') }, words);
  for (const side of ['left', 'top', 'width', 'height'] as const) button.style[side] = `${box[side]}px`;
  button.dataset.layer = layer.node.name;
  return button;
}
