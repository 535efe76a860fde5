import { Tensor } from '../../../src';
import { digits, make, milliseconds } from '../../dom';
import { asImage, paintChannel, plane, rangeOf, reach } from '../channel';
import { comparison } from '../check';
import type { Scene } from '../scene';
import type { Trial } from './step';

/** The output of one version of a layer. */
export interface Made extends Trial {
  readonly title: string;
  readonly kernel: string;
}

/**
 * Feature maps, times and verdicts side by side, and where the maps differ.
 *
 * @param expected all outputs of the layer by the definition
 * @param chosen the output whose maps are shown first
 */
export function showResults(
  body: HTMLElement,
  made: readonly Made[],
  expected: Readonly<Record<string, Tensor>>,
  chosen: string,
  { settings, engine }: Scene,
): void {
  const names = Object.keys(expected);
  const output = make('select', {}, ...names.map((name) => make('option', { value: name }, name)));
  output.value = chosen;
  const maps = make('div', { class: 'versions' });
  const details = make('p', { class: 'credit' });
  const choice = make('input', { type: 'number', min: 0, value: settings.channel });
  const clock = made[0].method === 'wall' ? 'wall clock' : 'GPU timestamps';
  const software = engine?.adapter.software ? ' This is a software adapter, which computes on the CPU.' : '';
  const show = (): void => {
    const name = output.value;
    const reference = asImage(expected[name]);
    const [, channels] = reference.shape;
    choice.max = String(channels - 1);
    const channel = Math.min(Math.max(Math.round(choice.valueAsNumber || 0), 0), channels - 1);
    const limit = reach(rangeOf(plane(reference, channel)));
    const images = made.map(({ outputs }) => asImage(outputs[name]));
    const figures = made.map(({ title }, i) => figure(title, images[i], channel, limit));
    maps.replaceChildren(...figures, figure('Difference', differenceOf(images[1], images[0]), channel, limit));
    details.textContent = `${comparison(made[1].outputs[name], expected[name]).details} Times of the layer alone, by ${clock}.${software}`;
  };
  for (const control of [output, choice]) control.addEventListener('input', show);
  show();
  choice.value = String(Math.min(settings.channel, Number(choice.max)));
  const [{ timeMs: usualMs }] = made;
  const rows = made.map(({ title, kernel, timeMs, outputs }) => {
    const verdicts = names.map((name) => {
      const { verdict, details } = comparison(outputs[name], expected[name]);
      return make('div', { title: details }, verdict, names.length > 1 ? ` ${name}` : '');
    });
    const ratio = timeMs === usualMs ? '' : ` (× ${digits(timeMs / usualMs)})`;
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, title),
      make('td', {}, kernel),
      make('td', {}, `${milliseconds(timeMs)}${ratio}`),
      make('td', {}, ...verdicts),
    );
  });
  const head = ['', 'Kernel', 'Time', 'Against the definition'].map((text) => make('th', { scope: 'col' }, text));
  const controls = make('div', { class: 'toolbar' }, make('label', {}, 'Channel ', choice));
  // A joined layer makes several.
  if (names.length > 1) controls.prepend(make('label', {}, 'Output ', output));
  body.replaceChildren(
    make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows)),
    details,
    controls,
    maps,
  );
}

function figure(title: string, image: Tensor, channel: number, limit: number): HTMLElement {
  const canvas = paintChannel(image, channel, limit);
  canvas.className = 'map';
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${title}, channel ${channel}`);
  return make('figure', {}, canvas, make('figcaption', { class: 'credit' }, title));
}

const differenceOf = (a: Tensor, b: Tensor): Tensor =>
  Tensor.float32(
    a.shape,
    Float32Array.from(a.data, (value, i) => value - b.data[i]),
  );
