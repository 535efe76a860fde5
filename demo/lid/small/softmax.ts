import type { GraphNode, Tensor } from '../../../src';
import { make, percent } from '../../dom';
import { className, type Looked } from '../looked';
import { short } from '../steps';

/** One entry of a group whose probabilities add up to 1. */
export interface SoftmaxEntry {
  readonly index: number;
  readonly logit: number;
  /** e to the logit, less the largest of the group. */
  readonly power: number;
  readonly probability: number;
}

export interface SoftmaxSteps {
  readonly entries: readonly SoftmaxEntry[];
  readonly largest: number;
  /** Of all powers. */
  readonly sum: number;
  /** The entry that is looked at. */
  readonly chosen: number;
}

/**
 * Takes the group of one element of a softmax apart, in float64.
 *
 * @param at the element's place in the data
 */
export function softmaxAt(
  { attributes: { axis } }: GraphNode<'softmax'>,
  { shape, data }: Tensor,
  at: number,
): SoftmaxSteps {
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const length = shape[axis];
  const start = Math.floor(at / (length * inner)) * length * inner + (at % inner);
  const logits = Array.from({ length }, (_, k) => Number(data[start + k * inner]));
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((all, power) => all + power, 0);
  const entries = logits.map((logit, index) => ({
    index,
    logit,
    power: powers[index],
    probability: powers[index] / sum,
  }));
  return { entries, largest, sum, chosen: Math.floor((at % (length * inner)) / inner) };
}

/** Entries that are shown beside the chosen one. */
const MOST_ENTRIES = 6;

export function showSoftmax(looked: Pick<Looked, 'labels'>, steps: SoftmaxSteps): HTMLElement[] {
  const { entries, largest, sum, chosen } = steps;
  const best = entries.toSorted((a, b) => b.probability - a.probability).slice(0, MOST_ENTRIES);
  const shown = best.some(({ index }) => index === chosen) ? best : [...best.slice(0, -1), entries[chosen]];
  const head = ['', 'logit', `e^(logit − ${short(largest)})`, `÷ ${short(sum)}`, ''];
  const rows = shown.map(({ index, logit, power, probability }) => {
    const name = className(looked, index, entries.length);
    const meter = make('meter', { min: 0, max: 1, value: probability, 'aria-label': `probability of ${name}` });
    const cells = [short(logit), short(power), percent(probability), meter].map((cell) => make('td', {}, cell));
    const row = make('tr', {}, make('th', { scope: 'row' }, name), ...cells);
    row.classList.toggle('chosen', index === chosen);
    return row;
  });
  return [
    make(
      'table',
      { class: 'terms' },
      make('caption', {}, `The likeliest of ${entries.length}; e^(logit − largest) of all add up to ${short(sum)}.`),
      make('thead', {}, make('tr', {}, ...head.map((text) => make('th', { scope: 'col' }, text)))),
      make('tbody', {}, ...rows),
    ),
  ];
}
