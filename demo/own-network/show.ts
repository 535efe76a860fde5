import { aboveThreshold, type Detection, type RawPicture, type Tensor, topLabels } from '../../src';
import { placePicture } from '../../src/picture';
import { toDetections } from '../../src/tasks/object-detector';
import { byId, make, sized } from '../dom';
import {
  byClass,
  labelBars,
  listOwners,
  listThings,
  paintBoxes,
  paintOwners,
  READ_BACK,
  sharpPicture,
} from '../drawing';
import { asImage, paintChannel } from '../lid/channel';
import { messageOf } from '../notices';
import { maskOf, pictureOf, probabilities } from './masks';
import type { Reading } from './outputs';
import { type Preparation, placementSpec } from './preparation';

/** One run of a network of the user's own, and what is to be read out of it. */
export interface Answer {
  readonly picture: RawPicture;
  readonly preparation: Preparation;
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly labels: readonly string[];
  /** Those of boxes: there may be one more, for the background. */
  readonly boxLabels: readonly string[];
}

const TOP_K = 5;
const OPACITY = 0.6;
/** At most this many maps are shown here; the lid shows the others. */
const MOST_MAPS = 64;

/** Shows an answer under a reading, on the canvas and as a list. Where it cannot be read so, says why. */
export function showAnswer(answer: Answer, reading: Reading, threshold: number): void {
  const context = showPicture(answer.picture);
  for (const id of ['own-labels', 'own-things', 'own-maps', 'own-note']) byId(id).hidden = true;
  byId('own-threshold').parentElement!.hidden = !(reading.kind === 'boxes' || reading.kind === 'mask');
  try {
    show(answer, reading, threshold, context);
  } catch (error) {
    note(messageOf(error));
    showMaps([...answer.outputs.values()][0]);
  }
}

function show(answer: Answer, reading: Reading, threshold: number, context: CanvasRenderingContext2D): void {
  const { picture, preparation, outputs, labels } = answer;
  switch (reading.kind) {
    case 'classes': {
      const scores = probabilities(outputs.get(reading.output)!.data);
      byId('own-labels').replaceChildren(...labelBars(topLabels(scores, labels, { topK: TOP_K })));
      byId('own-labels').hidden = false;
      break;
    }
    case 'boxes': {
      const things = aboveThreshold(detections(answer), { threshold });
      paintBoxes(sharpPicture(context.canvas, offscreen(picture)), things, picture);
      listThings(byId('own-things'), things);
      byId('own-things').hidden = false;
      break;
    }
    case 'mask': {
      const output = outputs.get(reading.output)!;
      const classes = maskOf(output, reading.image, picture, placementSpec(preparation), threshold);
      const names = labels.length > 0 || reading.image.channels > 1 ? labels : ['background', 'mask'];
      const painting = byClass({ classes, labels: names });
      paintOwners(context, painting.owners, OPACITY);
      listOwners(byId('own-things'), painting, 'No pixel reaches the threshold.');
      byId('own-things').hidden = false;
      break;
    }
    case 'picture':
      showPicture(pictureOf(outputs.get(reading.output)!, reading.image));
      break;
    case 'maps':
      showMaps(outputs.get(reading.output)!);
      break;
    default:
      throw new Error(`unknown reading ${reading satisfies never}`);
  }
}

function detections({ picture, preparation, outputs, boxLabels }: Answer): Detection[] {
  const placement = placePicture(picture.width, picture.height, placementSpec(preparation));
  return toDetections(outputs.get('detections')!.data as Float32Array, boxLabels, placement);
}

export function showPicture({ data, width, height }: RawPicture): CanvasRenderingContext2D {
  const context = sized(byId<HTMLCanvasElement>('own-canvas'), width, height, READ_BACK);
  context.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  return context;
}

function offscreen({ data, width, height }: RawPicture): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  return canvas;
}

function showMaps(output: Tensor): void {
  const image = asImage(output);
  const channels = Math.min(image.shape[1], MOST_MAPS);
  byId('own-maps').replaceChildren(
    ...Array.from({ length: channels }, (_, channel) => {
      const map = paintChannel(image, channel);
      map.setAttribute('role', 'img');
      map.setAttribute('aria-label', `Channel ${channel}`);
      return map;
    }),
  );
  byId('own-maps').hidden = false;
  if (image.shape[1] > MOST_MAPS) note(`The first ${MOST_MAPS} of ${image.shape[1]} channels.`);
}

function note(text: string): void {
  byId('own-note').textContent = text;
  byId('own-note').hidden = false;
}

/** How the list of readings calls one. */
export function nameOf(reading: Reading, outputs: number): string {
  const of = (what: string, output: string): string => (outputs > 1 ? `${what} (${output})` : what);
  switch (reading.kind) {
    case 'classes':
      return of('scores of classes', reading.output);
    case 'boxes':
      return 'boxes and their scores';
    case 'mask':
      return of('a mask', reading.output);
    case 'picture':
      return of('a picture', reading.output);
    case 'maps':
      return of('feature maps', reading.output);
  }
}

/** Shows the results of an inspection. */
export function showFacts(facts: readonly (readonly [fact: string, value: string])[]): void {
  byId('own-facts').replaceChildren(...facts.flatMap(([fact, value]) => [make('dt', {}, fact), make('dd', {}, value)]));
}
