import { make } from '../dom';
import type { ChannelTerms, ConvolutionSteps } from './convolution';
import { divergingColor, needsWhite } from './diverging';
import type { Stage } from './stages';

/** Kernels up to this many taps are drawn as they lie; a 1 × 1 kernel's channels beside each other. */
const MOST_CHANNELS = 8;

export const short = (value: number): string => {
  const text =
    Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 0.001) ? value.toExponential(0) : value.toPrecision(2);
  return text.replace('-', '−');
};

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * A convolution step by step for one pixel: the input under the kernel times the kernel, tap by tap, summed over taps and
 * channels; then bias, residual and activation.
 *
 * @param chosen the input channel that is drawn, by its place in order of weight
 */
export function showSteps(steps: ConvolutionSteps, chosen = 0): HTMLElement {
  const { size, channels, bias, residual, sum, activation, result } = steps;
  const byWeight = channels.toSorted((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  const section = make('section', { class: 'steps', 'aria-label': 'The convolution step by step' });
  const isPointwise = size[0] * size[1] === 1;
  const drawing = make('div', { class: 'products' });
  const draw = (index: number): void => {
    const terms = byWeight[index];
    drawing.replaceChildren(...(isPointwise ? pointwise(byWeight.slice(0, MOST_CHANNELS)) : windowed(terms, size[1])));
  };
  const items: HTMLElement[] = [];
  if (!isPointwise && channels.length > 1) {
    const choice = make(
      'select',
      {},
      ...byWeight.map((terms, i) => make('option', { value: i }, `channel ${terms.channel} gives ${short(terms.sum)}`)),
    );
    choice.value = String(Math.min(chosen, byWeight.length - 1));
    choice.addEventListener('change', () => draw(Number(choice.value)));
    items.push(make('label', {}, 'Input ', choice));
  }
  draw(Math.min(chosen, byWeight.length - 1));
  const inAll = channels.reduce((all, terms) => all + terms.sum, 0);
  const line = [
    term(`${channels.length} ${channels.length === 1 ? 'channel' : 'channels'}`, inAll),
    term('bias', bias),
    ...(residual?.when === 'before-activation' ? [term('residual', residual.value)] : []),
  ];
  items.push(
    drawing,
    make('p', { class: 'equation' }, ...line, equals('sum', sum)),
    ...(activation === 'identity' && !residual
      ? []
      : [
          make(
            'p',
            { class: 'equation' },
            `${activation === 'identity' ? '' : activation}(${short(sum)})`,
            ...(residual?.when === 'after-activation' ? [term('residual', residual.value)] : []),
            equals('result', result),
          ),
        ]),
  );
  section.append(...items);
  return section;
}

/** The convolutions of one launch step by step, the last first, and for each an input that the one before it made. */
export function showStages([stage, ...before]: readonly Stage[], channel: number): HTMLElement {
  const steps = stage.at(channel);
  const parts = [make('h4', {}, `${stage.title}, channel ${channel}`), showSteps(steps)];
  if (before.length > 0) {
    const byWeight = steps.channels.toSorted((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
    const options = byWeight.map(({ channel, patch }) =>
      make('option', { value: channel }, `channel ${channel}, which is ${short(patch[0])}`),
    );
    const choice = make('select', {}, ...options);
    const made = make('div', {}, showStages(before, byWeight[0].channel));
    choice.addEventListener('change', () => made.replaceChildren(showStages(before, Number(choice.value))));
    parts.push(make('label', {}, 'What made its input ', choice), made);
  }
  return make('div', { class: 'stages' }, ...parts);
}

const term = (name: string, value: number): HTMLElement =>
  make('span', {}, value < 0 ? '− ' : '+ ', make('b', { title: String(value) }, short(Math.abs(value))), ` ${name}`);
const equals = (name: string, value: number): HTMLElement =>
  make('span', {}, '= ', make('b', { title: String(value) }, short(value)), ` ${name}`);

function windowed(terms: ChannelTerms, columns: number): HTMLElement[] {
  const products = terms.patch.map((value, i) => value * terms.kernel[i]);
  return [
    matrix(`input ${terms.channel}`, terms.patch, columns, terms.padded),
    make('span', { class: 'sign' }, '×'),
    matrix('kernel', terms.kernel, columns),
    make('span', { class: 'sign' }, '='),
    matrix(`products, ${short(terms.sum)} in all`, products, columns, terms.padded),
  ];
}

/** A 1 × 1 kernel: a column for each of the heaviest channels. */
function pointwise(heaviest: readonly ChannelTerms[]): HTMLElement[] {
  const rows = [
    ...heaviest.map(({ patch }) => patch[0]),
    ...heaviest.map(({ kernel }) => kernel[0]),
    ...heaviest.map(({ sum }) => sum),
  ];
  const names = heaviest.map(({ channel }) => channel).join(', ');
  return [matrix(`input, kernel and products of channels ${names}, the heaviest`, rows, heaviest.length, [], true)];
}

/**
 * Numbers in the colours of the scale.
 *
 * @param rowScales whether each row has its own scale; otherwise the table has one
 */
export function matrix(
  name: string,
  values: readonly number[],
  columns: number,
  padded: readonly boolean[] = [],
  rowScales = false,
): HTMLElement {
  const rowAt = (i: number): readonly number[] => values.slice(i - (i % columns), i - (i % columns) + columns);
  const cells = values.map((value, i) => {
    const cell = make(
      'td',
      padded[i] ? { class: 'padding', title: 'padding' } : { title: String(value) },
      short(value),
    );
    if (!padded[i]) {
      const limit = largest(rowScales ? rowAt(i) : values);
      cell.style.backgroundColor = `rgb(${divergingColor(value, limit).join(' ')})`;
      cell.style.color = needsWhite(value, limit) ? '#fff' : '#000';
    }
    return cell;
  });
  const rows = Array.from({ length: Math.ceil(values.length / columns) }, (_, row) =>
    make('tr', {}, ...cells.slice(row * columns, (row + 1) * columns)),
  );
  return make('table', { class: 'matrix' }, make('caption', {}, name), make('tbody', {}, ...rows));
}
