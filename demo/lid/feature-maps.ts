import { byId, make, sized } from '../dom';
import { roveIn } from '../roving';
import { asImage, channelName, isDead, type Point, paintChannel, plane, rangeOf, reach } from './channel';
import { paintDiverging } from './diverging';
import { titleOf } from './layers';
import { className, type Looked } from './looked';
import { type Moves, showChannel } from './pixel';

/** Channels that are shown at first. */
const MOST_CHANNELS = 48;

/** The channels of a layer as pictures on one scale; pointing at a pixel shows where it comes from. */
export function showFeatureMaps(
  looked: Looked,
  at: Point,
  onPoint: (point: Point) => void,
  onLayer: Moves['onLayer'],
): void {
  const value = looked.values.get(looked.layer.output)!;
  const image = asImage(value);
  const [, channels] = image.shape;
  const ranges = Array.from({ length: channels }, (_, channel) => rangeOf(plane(image, channel)));
  const limit = Math.max(...ranges.map(({ low, high }) => Math.max(Math.abs(low), Math.abs(high))), 0);
  const ownScale = byId<HTMLInputElement>('own-scale').checked;
  const limitOf = (channel: number): number => (ownScale ? reach(ranges[channel]) : limit);
  const detail = make('div', { class: 'detail' });
  const grid = make('div', { class: 'maps', role: 'group', 'aria-label': 'Channels' });
  const buttons: HTMLButtonElement[] = [];
  const isOutput = looked.listing.graph.outputs.includes(looked.layer.output);
  const choose = (channel: number, pixel = ''): void => {
    for (const [c, button] of buttons.entries()) button.setAttribute('aria-pressed', String(c === channel));
    const moves: Moves = { onPixel: (chosen) => onPoint({ channel, pixel: chosen }), onLayer };
    showChannel(detail, looked, image, { channel, pixel }, { limit: limitOf(channel), ...ranges[channel] }, moves);
  };
  const add = (upTo: number): void => {
    for (let channel = buttons.length; channel < Math.min(upTo, channels); channel++) {
      const label = channelName(isOutput ? className(looked, channel, channels) : String(channel), ranges[channel]);
      const button = make('button', { type: 'button', title: label, 'aria-label': label, 'aria-pressed': 'false' });
      button.classList.toggle('dead', isDead(ranges[channel]));
      button.append(paintChannel(image, channel, limitOf(channel)));
      button.addEventListener('click', () => {
        choose(channel);
        onPoint({ channel, pixel: '' });
      });
      buttons.push(button);
    }
    grid.replaceChildren(...buttons);
  };
  const chosen = at.channel < channels ? at : { channel: 0, pixel: '' };
  add(Math.max(MOST_CHANNELS, chosen.channel + 1));
  const more = make('button', { type: 'button' }, `Show all ${channels} channels`);
  more.hidden = channels <= buttons.length;
  more.addEventListener('click', () => {
    add(channels);
    more.hidden = true;
  });
  const dead = ranges.filter(isDead).length;
  const low = Math.min(...ranges.map((range) => range.low));
  const high = Math.max(...ranges.map((range) => range.high));
  const text = `${titleOf(looked.layer)}: ${value.shape.join(' × ')}, from ${low.toPrecision(4)} to ${high.toPrecision(4)}${dead > 0 ? `. ${dead} of ${channels} channels are dead: one value everywhere` : ''}.`;
  byId('maps').replaceChildren(make('p', { class: 'credit' }, text), legend(limit, ownScale), detail, grid, more);
  roveIn(grid);
  choose(chosen.channel, chosen.pixel);
}

/** The scale in colours, with the values at its ends. */
function legend(limit: number, ownScale: boolean): HTMLElement {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  const context = sized(canvas, 128, 1);
  const pixels = context.createImageData(128, 1);
  paintDiverging(
    pixels,
    Array.from({ length: 128 }, (_, i) => (2 * i) / 127 - 1),
    1,
  );
  context.putImageData(pixels, 0, 0);
  const [low, high] = ownScale
    ? ['below 0', 'above, each channel to its own largest value']
    : [`−${limit.toPrecision(3)}`, limit.toPrecision(3)];
  return make('p', { class: 'scale' }, low, canvas, make('span', {}, `0 in the middle, ${high}`));
}
