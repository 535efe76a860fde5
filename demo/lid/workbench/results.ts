import { Tensor } from '../../../src';
import { make, milliseconds } from '../../dom';
import { asImage, paintChannel, plane, rangeOf, reach } from '../channel';
import { comparison } from '../check';
import type { Scene } from '../scene';
import type { Trial } from './step';

/** The output of one version of a layer. */
export interface Made extends Trial {
  readonly title: string;
  readonly kernel: string;
}

/** Feature maps, times and verdicts side by side, and where the maps differ. */
export function showResults(
  body: HTMLElement,
  made: readonly Made[],
  expected: Tensor,
  { settings, engine }: Scene,
): void {
  const reference = asImage(expected);
  const [, channels] = reference.shape;
  const maps = make('div', { class: 'versions' });
  const choice = make('input', {
    type: 'number',
    min: 0,
    max: channels - 1,
    value: Math.min(settings.channel, channels - 1),
  });
  const show = (): void => {
    const channel = Math.min(Math.max(Math.round(choice.valueAsNumber || 0), 0), channels - 1);
    const limit = reach(rangeOf(plane(reference, channel)));
    const figures = made.map(({ title, output }) => figure(title, asImage(output), channel, limit));
    const [original, yours] = made.map(({ output }) => asImage(output));
    maps.replaceChildren(...figures, figure('Difference', differenceOf(yours, original), channel, limit));
  };
  choice.addEventListener('input', show);
  show();
  const [{ timeMs: usualMs }] = made;
  const rows = made.map(({ title, kernel, timeMs, output }) => {
    const { verdict, details } = comparison(output, expected);
    const ratio = timeMs === usualMs ? '' : ` (× ${(timeMs / usualMs).toPrecision(2)})`;
    const time = make('td', {}, `${milliseconds(timeMs)}${ratio}`);
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, title),
      make('td', {}, kernel),
      time,
      make('td', { title: details }, verdict),
    );
  });
  const head = ['', 'Kernel', 'Time', 'Against the definition'].map((text) => make('th', { scope: 'col' }, text));
  const clock = made[0].method === 'wall' ? 'wall clock' : 'GPU timestamps';
  const software = engine?.adapter.software ? ' This is a software adapter, which computes on the CPU.' : '';
  body.replaceChildren(
    make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows)),
    make(
      'p',
      { class: 'credit' },
      `${comparison(made.at(-1)!.output, expected).details} Times of the layer alone, by ${clock}.${software}`,
    ),
    make('label', { class: 'check' }, 'Channel ', choice),
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
