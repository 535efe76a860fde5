import type { PictureSpec, RawPicture, Tensor } from '../../src';
import { receptiveField } from '../../src/graph/receptive-field';
import { inputToPicture, placePicture } from '../../src/picture';
import { byId, make, pixelUnder, sized } from '../dom';
import { explain, type Place } from './explain';
import type { Layer, Listing } from './layers';

/** A layer's output for a picture, with what is needed to explain it. */
export interface Looked {
  readonly listing: Listing;
  readonly layer: Layer;
  readonly spec: PictureSpec;
  readonly picture: RawPicture;
  /** The layer's output, and what went into it. */
  readonly values: ReadonlyMap<string, Tensor>;
}

/** Channels that are shown at first. */
const MOST_CHANNELS = 48;

/** The channels of a layer as pictures; pointing at a pixel shows where it comes from. */
export function showFeatureMaps(looked: Looked): void {
  const value = looked.values.get(looked.layer.output)!;
  const image = asImage(value);
  const [, channels] = image.shape;
  const { low, high } = range(image.data);
  const detail = make('div', { class: 'detail' });
  const grid = make('div', { class: 'maps' });
  const buttons: HTMLButtonElement[] = [];
  const choose = (channel: number): void => {
    for (const [c, button] of buttons.entries()) button.setAttribute('aria-pressed', String(c === channel));
    showChannel(detail, looked, image, channel);
  };
  const add = (upTo: number): void => {
    for (let channel = buttons.length; channel < Math.min(upTo, channels); channel++) {
      const label = `Channel ${channel}`;
      const button = make('button', { type: 'button', title: label, 'aria-label': label, 'aria-pressed': 'false' });
      button.append(paintChannel(image, channel));
      button.addEventListener('click', () => choose(channel));
      buttons.push(button);
    }
    grid.replaceChildren(...buttons);
  };
  add(MOST_CHANNELS);
  const more = make('button', { type: 'button' }, `Show all ${channels} channels`);
  more.hidden = channels <= MOST_CHANNELS;
  more.addEventListener('click', () => {
    add(channels);
    more.hidden = true;
  });
  const text = `${looked.layer.node.name}: ${value.shape.join(' × ')}, from ${low.toPrecision(4)} to ${high.toPrecision(4)}`;
  byId('maps').replaceChildren(make('p', { class: 'credit' }, text), detail, grid, more);
  choose(0);
}

/** Anything as `[1, C, H, W]`: what is no image becomes one channel of rows. */
export function asImage(value: Tensor): Tensor {
  if (value.shape.length === 4) return value;
  const width = value.shape.at(-1) ?? 1;
  return value.reshape([1, 1, width === 0 ? 0 : value.size / width, width]);
}

function range(data: ArrayLike<number>): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i]);
    high = Math.max(high, data[i]);
  }
  return data.length === 0 ? { low: 0, high: 0 } : { low, high };
}

/** A channel from black, its least value, to white. */
export function paintChannel({ data, shape }: Tensor, channel: number): HTMLCanvasElement {
  const [, , height, width] = shape;
  const canvas = make('canvas');
  const context = sized(canvas, Math.max(1, width), Math.max(1, height));
  const plane = data.subarray(channel * height * width, (channel + 1) * height * width);
  const { low, high } = range(plane);
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (const [i, value] of plane.entries()) {
    pixels.data.fill(high > low ? ((value - low) / (high - low)) * 255 : 128, i * 4, i * 4 + 3);
    pixels.data[i * 4 + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** One channel large, beside the picture with the receptive field of the pixel under the pointer. */
function showChannel(detail: HTMLElement, looked: Looked, image: Tensor, channel: number): void {
  const [, , height, width] = image.shape;
  const map = paintChannel(image, channel);
  map.className = 'map';
  map.tabIndex = 0;
  map.setAttribute('role', 'img');
  map.setAttribute('aria-label', `Channel ${channel}. Arrow keys move over its pixels.`);
  const picture = make('canvas', { class: 'map', role: 'img', 'aria-label': 'The receptive field in the picture' });
  const sum = make('p', { class: 'sum', 'aria-live': 'polite' });
  let place: Place = { channel, row: Math.floor(height / 2), column: Math.floor(width / 2) };
  const show = (): void => {
    paintField(picture, looked, place);
    const value = image.data[(channel * height + place.row) * width + place.column];
    const how =
      looked.layer.shape.length === 4 ? explain(looked.listing.graph, looked.layer.node, looked.values, place) : '';
    sum.textContent = `[${channel}, ${place.row}, ${place.column}] = ${Number(value).toPrecision(5)}${how ? `\n${how}` : ''}`;
  };
  map.addEventListener('pointermove', (event) => {
    const [column, row] = pixelUnder(map, event);
    place = { channel, row, column };
    show();
  });
  map.addEventListener('keydown', (event) => {
    const [dy, dx] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [
      0, 0,
    ];
    if (dy === 0 && dx === 0) return;
    event.preventDefault();
    const inside = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);
    place = { channel, row: inside(place.row + dy, height), column: inside(place.column + dx, width) };
    show();
  });
  show();
  detail.replaceChildren(make('div', { class: 'twin' }, map, picture), sum);
}

function paintField(
  canvas: HTMLCanvasElement,
  { listing, layer, spec, picture }: Looked,
  { row, column }: Place,
): void {
  const { width, height } = picture;
  const context = sized(canvas, width, height);
  context.putImageData(new ImageData(new Uint8ClampedArray(picture.data), width, height), 0, 0);
  // In the network as it is written, unless only the fused one has the value.
  const graph = listing.source.values.has(layer.output) ? listing.source : listing.graph;
  const field = receptiveField(graph, layer.output, row, column).get(graph.inputs[0]);
  if (!field) return;
  const placement = placePicture(width, height, spec);
  const [left, top] = inputToPicture(placement, field.left, field.top);
  const [right, bottom] = inputToPicture(placement, field.right + 1, field.bottom + 1);
  const unit = Math.max(width, height) / 200;
  context.fillStyle = 'rgb(0 0 0 / 45%)';
  context.beginPath();
  context.rect(0, 0, width, height);
  context.rect(left, top, right - left, bottom - top);
  context.fill('evenodd');
  context.strokeStyle = '#ffd54a';
  context.lineWidth = 2 * unit;
  context.strokeRect(
    Math.max(left, unit),
    Math.max(top, unit),
    Math.min(right, width - unit) - Math.max(left, unit),
    Math.min(bottom, height - unit) - Math.max(top, unit),
  );
}
