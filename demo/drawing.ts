import { type Classification, type Detection, paletteColor, type SegmentationMask } from '../src';
import { placeLabels } from '../src/tasks/label-places';
import { make, percent, sized } from './dom';

/** Pixels that the longer side of the picture with boxes has at least, so that lines and letters are sharp. */
const SHARP_SIDE = 1200;

const css = (index: number): string => `rgb(${paletteColor(index).join(' ')})`;

/** Labels with bars as long as their scores. */
export function labelBars(labels: readonly Classification[]): HTMLElement[] {
  return labels.map(({ label, score }) => {
    const bar = make('meter', { min: 0, max: 1, value: score, 'aria-label': label });
    return make('li', {}, make('span', { class: 'name' }, readable(label)), bar, make('span', {}, percent(score)));
  });
}

/** Puts a picture on a canvas that is large enough for sharp lines; what is drawn then is measured in the picture's pixels. */
export function sharpPicture(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap | OffscreenCanvas,
): CanvasRenderingContext2D {
  const scale = Math.max(1, SHARP_SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
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

/** Draws boxes with their labels over a picture, the best on top. */
export function paintBoxes(
  context: CanvasRenderingContext2D,
  things: readonly Detection[],
  picture: { readonly width: number; readonly height: number },
): void {
  // Lines have the same width on the page, however narrow the picture is.
  const unit = Math.max(picture.width, picture.height * FRAME) / 330;
  context.lineWidth = 3 * unit;
  context.font = `600 ${14 * unit}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  for (const { index, box } of things.toReversed()) {
    context.strokeStyle = css(index);
    context.strokeRect(box.xmin, box.ymin, box.xmax - box.xmin, box.ymax - box.ymin);
  }
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

export function listThings(list: HTMLElement, things: readonly Detection[]): void {
  const items = things.map(({ label, score, index }) =>
    make('li', {}, swatch(index), `${readable(label)} ${percent(score)}`),
  );
  list.replaceChildren(
    ...(items.length > 0 ? items : [make('li', { class: 'empty' }, 'Nothing above the threshold.')]),
  );
}

/** Colours the pixels of a picture by their owners. */
export function paintOwners(context: CanvasRenderingContext2D, owners: Uint8Array, opacity: number): void {
  const { width, height } = context.canvas;
  const pixels = context.getImageData(0, 0, width, height);
  for (const [i, owner] of owners.entries()) {
    if (owner === 0) continue;
    const color = paletteColor(owner);
    const isEdge = [i - 1, i + 1, i - width, i + width].some((j) => (owners[j] ?? owner) !== owner);
    const share = isEdge && opacity > 0 ? 1 : opacity;
    for (let c = 0; c < 3; c++) pixels.data[i * 4 + c] += (color[c] - pixels.data[i * 4 + c]) * share;
  }
  context.putImageData(pixels, 0, 0);
}

export function listOwners(list: HTMLElement, { legend }: Painting, nothing: string): void {
  const items = legend.map(({ name, owner, share }) =>
    make('li', {}, swatch(owner), `${readable(name)} ${percent(share)}`),
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
  const counts = new Map<number, number>();
  for (const index of classes) if (index > 0) counts.set(index, (counts.get(index) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}

const swatch = (index: number): HTMLElement => {
  const canvas = make('canvas', { class: 'swatch', width: 14, height: 14, 'aria-hidden': 'true' });
  const context = canvas.getContext('2d')!;
  context.fillStyle = css(index);
  context.fillRect(0, 0, 14, 14);
  return canvas;
};

export const readable = (label: string): string => label.replaceAll('_', ' ');
