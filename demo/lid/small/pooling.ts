import type { GraphNode, Tensor } from '../../../src';
import { make } from '../../dom';
import { type Place, patchOf } from '../convolution';
import { matrix, short } from '../steps';

/** One element of a pooled map: what lies under the window, and what came of it. */
export interface PoolingSteps {
  readonly how: 'max' | 'mean';
  readonly columns: number;
  readonly patch: readonly number[];
  readonly padded: readonly boolean[];
  /** The elements that count. */
  readonly counted: number;
  readonly result: number;
}

/** Takes one element of a pooling apart, in float64. */
export function poolingAt(
  node: GraphNode<'max-pool2d' | 'average-pool2d' | 'global-pool2d'>,
  x: Tensor,
  at: Place,
): PoolingSteps {
  const [, , height, width] = x.shape;
  const window = node.op === 'global-pool2d' ? undefined : node.attributes;
  const size = window?.kernel ?? [height, width];
  const slide = window ?? { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] };
  const corner = window ? at : { ...at, row: 0, column: 0 };
  const { patch, padded } = patchOf(x, corner, size, slide);
  const inside = patch.filter((_, i) => !padded[i]);
  const isMax = node.op === 'max-pool2d' || (node.op === 'global-pool2d' && node.attributes.fn === 'max');
  if (isMax) {
    return { how: 'max', columns: size[1], patch, padded, counted: inside.length, result: Math.max(...inside) };
  }
  const counted = node.op === 'average-pool2d' && node.attributes.countIncludePad ? patch.length : inside.length;
  const sum = inside.reduce((all, value) => all + value, 0);
  return { how: 'mean', columns: size[1], patch, padded, counted, result: counted > 0 ? sum / counted : 0 };
}

/** More are not legible. */
const MOST_CELLS = 256;

export function showPooling({ how, columns, patch, padded, counted, result }: PoolingSteps): HTMLElement[] {
  const name = how === 'max' ? 'under the window, the largest framed' : 'under the window';
  const table = patch.length <= MOST_CELLS ? matrix(name, patch, columns, padded) : undefined;
  if (table && how === 'max') {
    const largest = patch.findIndex((value, i) => !padded[i] && value === result);
    table.querySelectorAll('td')[largest]?.classList.add('taken');
  }
  const sum = patch.reduce((all, value) => all + value, 0);
  const text =
    how === 'max'
      ? `largest of ${counted}: ${short(result)}`
      : `${short(sum)} in all, over ${counted}: ${short(result)}`;
  return [...(table ? [table] : []), make('p', { class: 'equation' }, text)];
}
