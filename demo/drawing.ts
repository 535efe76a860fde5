import { type Classification, type Color, type Detection, paletteColor, type SegmentationMask } from '../src';
import { placeLabels } from '../src/tasks/label-places';
import { make, percent, sized } from './dom';

/** Pixels that the longer side of the picture with boxes has at least, so that lines and letters are sharp. */
const SHARP_SIDE = 1200;

const css = (color: Color): string => `rgb(${color.join(' ')})`;

/** Labels with bars as long as their scores. */
export function labelBars(labels: readonly Classification[]): HTMLElement[] {
  return labels.map(({ label, score }) => {
    const bar = make('meter', { min: 0, max: 1, value: score, 'aria-label': label });
    return make('li', {}, make('span', { class: 'name' }, readable(label)), bar, make('span', {}, percent(score)));
  });
}

/** The size of a canvas over a picture on which lines are sharp, and how many of its pixels one of the picture has. */
export function sharpSize({ width, height }: Size): [width: number, height: number, scale: number] {
  const scale = Math.max(1, SHARP_SIDE / Math.max(width, height));
  return [Math.round(width * scale), Math.round(height * scale), scale];
}

/** Puts a picture on a canvas that is large enough for sharp lines; what is drawn then is measured in the picture's pixels. */
export function sharpPicture(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap | OffscreenCanvas,
): CanvasRenderingContext2D {
  const [width, height, scale] = sharpSize(picture);
  const context = sized(canvas, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(picture, 0, 0, width, height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

/** For canvases whose pixels are read and changed. */
export const READ_BACK = { willReadFrequently: true };
/** The proportions of the frames that pictures are shown in. */
const FRAME = 4 / 3;

/** A colour for a thing: one for its class, unless the page chooses. */
type ColorOf = (thing: Detection) => Color;
const ofClass: ColorOf = ({ index }) => paletteColor(index);

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The length that lines and letters are measured in, so that they are as large on the page however small the picture is. */
const unitOf = ({ width, height }: Size): number => Math.max(width, height * FRAME) / 330;

/**
 * Draws boxes with their labels over a picture, the best on top.
 *
 * @param unit what lines and letters are measured in
 */
export function paintBoxes(
  context: CanvasRenderingContext2D,
  things: readonly Detection[],
  picture: Size,
  colorOf = ofClass,
  unit = unitOf(picture),
): void {
  for (const thing of things.toReversed()) {
    const { xmin, ymin, xmax, ymax } = thing.box;
    // A dark line on both sides of the coloured one is seen on every picture.
    for (const [style, width] of [
      ['rgb(0 0 0 / 55%)', 4.5],
      [css(colorOf(thing)), 3],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = width * unit;
      context.strokeRect(xmin, ymin, xmax - xmin, ymax - ymin);
    }
  }
  paintLabels(context, things, picture, unit);
}

/** Writes the labels of things at their boxes. */
export function paintLabels(
  context: CanvasRenderingContext2D,
  things: readonly Detection[],
  picture: Size,
  unit = unitOf(picture),
): void {
  context.font = `600 ${14 * unit}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  const texts = things.map(({ label, score }) => `${readable(label)} ${percent(score)}`);
  const sizes = texts.map((text) => ({ width: context.measureText(text).width + 8 * unit, height: 20 * unit }));
  const boxes = things.map(({ box }) => ({ ...box, xmin: box.xmin - 1.5 * unit, xmax: box.xmax + 1.5 * unit }));
  const places = placeLabels(boxes, sizes, picture);
  for (const [i, { x, y }] of [...places.entries()].toReversed()) {
    context.fillStyle = 'rgb(0 0 0 / 75%)';
    context.fillRect(x, y, sizes[i].width, sizes[i].height);
    context.fillStyle = '#fff';
    context.fillText(texts[i], x + 4 * unit, y + 3 * unit);
  }
}

export function listThings(
  list: HTMLElement,
  things: readonly Detection[],
  colorOf = ofClass,
  nothing: HTMLElement | string = 'Nothing above the threshold.',
): void {
  const items = things.map((thing) =>
    make('li', {}, swatch(colorOf(thing)), `${readable(thing.label)} ${percent(thing.score)}`),
  );
  list.replaceChildren(...(items.length > 0 ? items : [make('li', { class: 'empty' }, nothing)]));
}

/** Said where a network finds nothing: that it knows so many things, and which. */
export function knowsOnly(labels: readonly string[], said: string): HTMLElement {
  const things = labels.filter((label) => label !== 'background').map(readable);
  const summary = make(
    'summary',
    {},
    `This network knows ${things.length} ${things.length === 1 ? 'thing' : 'things'}`,
  );
  return make('div', { class: 'knows' }, said, make('details', {}, summary, make('p', {}, things.join(', '))));
}

/** Paints owners' pixels alone, on a canvas that lies over the picture; their edges in full colour. */
export function paintOver(
  context: CanvasRenderingContext2D,
  owners: Uint8Array,
  colors: readonly (Color | undefined)[],
  opacity: number,
): void {
  const { width, height } = context.canvas;
  const pixels = context.createImageData(width, height);
  const wordsAt = (alpha: number): Uint32Array =>
    new Uint32Array(
      Uint8ClampedArray.from(
        Array.from({ length: 256 }, (_, owner) =>
          colors[owner] ? [...colors[owner], alpha * 255] : [0, 0, 0, 0],
        ).flat(),
      ).buffer,
    );
  const [inside, edge] = [wordsAt(opacity), wordsAt(opacity > 0 ? 1 : 0)];
  const words = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < words.length; i++) {
    const owner = owners[i];
    if (owner === 0) continue;
    const isEdge =
      owners[i - 1] !== owner || owners[i + 1] !== owner || owners[i - width] !== owner || owners[i + width] !== owner;
    words[i] = (isEdge ? edge : inside)[owner];
  }
  context.putImageData(pixels, 0, 0);
}

/** Colours the pixels of a picture by their owners. */
export function paintOwners(context: CanvasRenderingContext2D, owners: Uint8Array, opacity: number): void {
  const { width, height } = context.canvas;
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  const colors = Array.from({ length: 256 }, (_, owner) => paletteColor(owner));
  // Written out without functions or arrays for each pixel: there are half a million, at every move of a slider.
  for (let i = 0; i < owners.length; i++) {
    const owner = owners[i];
    if (owner === 0) continue;
    const isEdge =
      (owners[i - 1] ?? owner) !== owner ||
      (owners[i + 1] ?? owner) !== owner ||
      (owners[i - width] ?? owner) !== owner ||
      (owners[i + width] ?? owner) !== owner;
    const share = isEdge && opacity > 0 ? 1 : opacity;
    const color = colors[owner];
    data[i * 4] += (color[0] - data[i * 4]) * share;
    data[i * 4 + 1] += (color[1] - data[i * 4 + 1]) * share;
    data[i * 4 + 2] += (color[2] - data[i * 4 + 2]) * share;
  }
  context.putImageData(pixels, 0, 0);
}

export function listOwners(
  list: HTMLElement,
  { legend }: Painting,
  nothing: HTMLElement | string,
  colorOf: (owner: number) => Color = paletteColor,
): void {
  const items = legend.map(({ name, owner, share }) =>
    make('li', {}, swatch(colorOf(owner)), `${readable(name)} ${percent(share)}`),
  );
  list.replaceChildren(...(items.length > 0 ? items : [make('li', { class: 'empty' }, nothing)]));
}

export interface Painting {
  /** For each pixel the number of its colour; 0 is none. */
  readonly owners: Uint8Array;
  readonly legend: { name: string; owner: number; share: number }[];
}

export function byClass({ classes, labels }: Pick<SegmentationMask, 'classes' | 'labels'>): Painting {
  const legend = [...countClasses(classes)].map(([owner, pixels]) => ({
    name: labels[owner] ?? `class ${owner}`,
    owner,
    share: pixels / classes.length,
  }));
  return { owners: classes, legend };
}

/** Pixels of each class but background, most first. */
export function countClasses(classes: Uint8Array): Map<number, number> {
  const counts = new Uint32Array(256);
  for (let i = 0; i < classes.length; i++) counts[classes[i]]++;
  const present = [...counts.entries()].filter(([index, pixels]) => index > 0 && pixels > 0);
  return new Map(present.sort((a, b) => b[1] - a[1]));
}

const swatch = (color: Color): HTMLElement => {
  const canvas = make('canvas', { class: 'swatch', width: 14, height: 14, 'aria-hidden': 'true' });
  const context = canvas.getContext('2d')!;
  context.fillStyle = css(color);
  context.fillRect(0, 0, 14, 14);
  return canvas;
};

export const readable = (label: string): string => label.replaceAll('_', ' ');
