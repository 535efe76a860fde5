import type { GraphNode, Tensor } from '../../../src';
import { axisTaps } from '../../../src/reference/resize2d';
import { make } from '../../dom';
import type { Place } from '../convolution';
import { matrix, short } from '../steps';

/** One element of a resized map: the pixels that it is made of, and how much each counts. */
export interface ResizeSteps {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** By rows, as all lists here. */
  readonly values: readonly number[];
  readonly weights: readonly number[];
  readonly result: number;
}

/** Takes one element of a resized map apart, in float64. */
export function resizeAt({ attributes }: GraphNode<'resize2d'>, x: Tensor, at: Place): ResizeSteps {
  const [, , height, width] = x.shape;
  const [row, column] = [axisTaps(attributes, 0, height)[at.row], axisTaps(attributes, 1, width)[at.column]];
  const values = row.indices.flatMap((r) =>
    column.indices.map((c) => Number(x.data[(at.channel * height + r) * width + c])),
  );
  const weights = row.weights.flatMap((u) => column.weights.map((v) => u * v));
  const result = values.reduce((sum, value, i) => sum + value * weights[i], 0);
  return { rows: row.indices, columns: column.indices, values, weights, result };
}

export function showResize({ rows, columns, values, weights, result }: ResizeSteps): HTMLElement[] {
  const sign = (text: string): HTMLElement => make('span', { class: 'sign' }, text);
  const place = `rows ${rows.join(', ')} by columns ${columns.join(', ')} of the input`;
  if (values.length === 1)
    return [matrix(place, values, 1), make('p', { class: 'equation' }, 'The nearest pixel, as it is.')];
  return [
    matrix(place, values, columns.length),
    sign('×'),
    matrix('weights: the nearer, the more', weights, columns.length),
    sign('='),
    matrix(
      `products, ${short(result)} in all`,
      values.map((value, i) => value * weights[i]),
      columns.length,
    ),
  ];
}
