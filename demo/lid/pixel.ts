import type { Tensor } from '../../src';
import { receptiveField } from '../../src/graph/receptive-field';
import { inputToPicture, placePicture } from '../../src/picture';
import { make, sized } from '../dom';
import { type Point, paintChannel } from './channel';
import type { Place } from './convolution';
import { explain } from './explain';
import { type Layer, outputsOf } from './layers';
import type { Looked } from './looked';
import { takeApart } from './small';

/** What somebody does at a pixel. */
export interface Moves {
  onPixel(pixel: string): void;
  /** Another layer is to be looked at, at the same place of the picture. */
  onLayer(layer: Layer, pixel: string): void;
}

/** The scale of a channel, and the values that it has. */
interface Scale {
  readonly limit: number;
  readonly low: number;
  readonly high: number;
}

/** A map this many times as high as wide is a list, and drawn as high as a picture would be. */
const LONG = 4;
/** The time that a pixel is looked at while it plays. */
const STEP_MS = 250;

const ARROWS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** One channel large, beside the picture with the receptive field of the chosen pixel, and the sum that made it. */
export function showChannel(
  detail: HTMLElement,
  looked: Looked,
  image: Tensor,
  { channel, pixel }: Point,
  { limit, low, high }: Scale,
  { onPixel, onLayer }: Moves,
): void {
  const [, , height, width] = image.shape;
  const painted = paintChannel(image, channel, limit);
  painted.className = height > LONG * width ? 'map tall' : width > LONG * height ? 'map flat' : 'map';
  painted.tabIndex = 0;
  painted.setAttribute('role', 'img');
  painted.setAttribute('aria-label', `Channel ${channel}. Arrow keys move over its pixels.`);
  const picture = make('canvas', { class: 'map', role: 'img', 'aria-label': 'The receptive field in the picture' });
  const sum = make('p', { class: 'sum', 'aria-live': 'polite' });
  const taken = make('div', {});
  const inside = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);
  const [givenRow, givenColumn] = pixel.split(',').map(Number);
  let place: Place = {
    channel,
    row: inside(givenColumn === undefined ? Math.floor(height / 2) : givenRow, height),
    column: inside(givenColumn ?? Math.floor(width / 2), width),
  };
  const show = (): void => {
    paintField(picture, looked, place);
    const index = (channel * height + place.row) * width + place.column;
    const value = image.data[index];
    const { layer, listing, values } = looked;
    const how = layer.shape.length === 4 ? explain(listing.graph, layer.node, layer.output, values, place) : '';
    const steps = takeApart(looked, place, index);
    taken.replaceChildren(...(steps ? [steps] : []));
    sum.textContent = `[${channel}, ${place.row}, ${place.column}] = ${Number(value).toPrecision(5)}${how ? `\n${how}` : ''}`;
  };
  const moveTo = (row: number, column: number): void => {
    place = { channel, row: inside(row, height), column: inside(column, width) };
    show();
  };
  const point = (event: PointerEvent): void => {
    // Long lists are drawn shorter than they are wide.
    const box = painted.getBoundingClientRect();
    const share = (at: number, from: number, size: number): number => (at - from) / size;
    const row = Math.floor(share(event.clientY, box.top, box.height) * height);
    moveTo(row, Math.floor(share(event.clientX, box.left, box.width) * width));
  };
  const keep = (): void => onPixel(`${place.row},${place.column}`);
  painted.addEventListener('pointermove', point);
  painted.addEventListener('pointerdown', (event) => {
    point(event);
    keep();
  });
  painted.addEventListener('keydown', (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    moveTo(place.row + step[0], place.column + step[1]);
    keep();
  });
  show();
  const range = make(
    'p',
    { class: 'range' },
    `Channel ${channel}: from ${low.toPrecision(4)} to ${high.toPrecision(4)}`,
  );
  const follow = (label: string, layer: Layer | undefined): HTMLElement => {
    const button = make('button', { type: 'button', disabled: !layer }, label);
    button.addEventListener('click', () => layer && onLayer(layer, placeIn(layer, place, [height, width])));
    return button;
  };
  const { previous, next } = neighbours(looked);
  const play = make('button', { type: 'button', 'aria-pressed': 'false' }, 'Play');
  play.addEventListener('click', () => {
    const on = play.getAttribute('aria-pressed') !== 'true';
    play.setAttribute('aria-pressed', String(on));
    play.textContent = on ? 'Pause' : 'Play';
    if (on) void walk();
  });
  /** Moves over the picture row by row, until it is paused or something else is looked at. */
  const walk = async (): Promise<void> => {
    while (play.isConnected && play.getAttribute('aria-pressed') === 'true') {
      const at = (place.row * width + place.column + 1) % (height * width);
      moveTo(Math.floor(at / width), at % width);
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
  };
  const moves = make('div', { class: 'toolbar' }, play, follow('Previous layer', previous), follow('Next layer', next));
  detail.replaceChildren(moves, make('div', { class: 'twin' }, painted, picture), range, taken, sum);
}

/** The layers that made the input of a layer, and that take its output. */
function neighbours({ listing, layer }: Looked): { previous: Layer | undefined; next: Layer | undefined } {
  return {
    previous: outputsOf(listing).find(({ output }) => layer.node.inputs.includes(output)),
    next: listing.layers.find(({ node }) => node.inputs.includes(layer.output)),
  };
}

/** The pixel of another layer at the same place of the picture. */
function placeIn({ shape }: Layer, { row, column }: Place, [height, width]: readonly number[]): string {
  const [, , toHeight = 1, toWidth = 1] = shape;
  const at = (pixel: number, from: number, to: number): number => Math.floor(((pixel + 0.5) * to) / from);
  return `${at(row, height, toHeight)},${at(column, width, toWidth)}`;
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
