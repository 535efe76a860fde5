import {
  aboveThreshold,
  type Detection,
  ImageClassifier,
  ImageSegmenter,
  ObjectDetector,
  type Picture,
  paletteColor,
  type RawPicture,
  type SegmentationMask,
  topLabels,
  type VisionModel,
  type VisionTask,
} from '../../src';
import {
  BackgroundRemover,
  DepthEstimator,
  type DepthMap,
  draw,
  ImageEmbedder,
  ImageTransformer,
  InstanceSegmenter,
  type Matte,
  type OrientedDetection,
  OrientedDetector,
  type Pose,
  PoseEstimator,
} from '../../src/tasks';
import type { Answers, Card } from '../cards/card';
import { heroUnit } from '../cards/detect';
import { make, percent, sized } from '../dom';
import {
  byClass,
  knowsOnly,
  labelBars,
  listOwners,
  listThings,
  paintBoxes,
  paintLabels,
  paintOver,
  type Size,
  sharpSize,
} from '../drawing';
import { pixelsOfClasses, shrinkMask } from '../masks';
import type { Settings } from '../settings';
import { likeness } from './likeness';
import type { NetworkBytes } from './network-bytes';
import { nextMatte, RecurrentMatte, readRecurrent } from './video-matte';

/** A slider of the page that a view has too. */
export type Control = 'topK' | 'threshold' | 'opacity';

/** How the result of a task is shown in any of the three places. */
export interface View<Result>
  extends Pick<Card<Result>, 'task' | 'question' | 'answer' | 'next' | 'redraws' | 'summary'> {
  /** The result's name among others that a network may give. */
  readonly gives: string;
  readonly controls: readonly Control[];
  /** Reads a network for which the library has no head. @throws ArgumentError when it is of another kind */
  read?(source: NetworkBytes): Promise<VisionModel>;
  /** Whether its list has bars. */
  readonly hasBars?: boolean;
  list(list: HTMLElement, result: Result, settings: Settings, labels: readonly string[], answers?: Answers): void;
  /** Paints over the picture, on a canvas that is the view's own. */
  paint?(canvas: HTMLCanvasElement, result: Result, seen: Seen, settings: Settings): void;
}

/** The picture, or the frame of a video, that a result is painted over. */
export interface Seen {
  readonly bitmap: Size;
  /** The smaller copy, of whose size masks are drawn. */
  readonly pixels: Size;
  /** Whether names are written at boxes: those over a video are written by the page, which may be mirrored. */
  readonly isNamed?: boolean;
}

const any = <Result>(view: View<Result>): View<unknown> => view as View<unknown>;

const said = (list: HTMLElement, ...lines: readonly string[]): void =>
  list.replaceChildren(...lines.map((line) => make('li', { class: 'empty' }, line)));

/** A canvas on which one is as long as a pixel of the picture, and lines are sharp. */
function sharpOver(canvas: HTMLCanvasElement, { bitmap }: Seen): CanvasRenderingContext2D {
  const [width, height, scale] = sharpSize(bitmap);
  const context = sized(canvas, width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

/** Pictures of results: sliders ask for them at every move. */
const layers = new WeakMap<object, OffscreenCanvas>();

/** Lays a picture of a result over the picture of the page. */
function lay(canvas: HTMLCanvasElement, result: object, opacity: number, imageOf: () => ImageData): void {
  let layer = layers.get(result);
  if (!layer) {
    const image = imageOf();
    layer = new OffscreenCanvas(image.width, image.height);
    layer.getContext('2d')!.putImageData(image, 0, 0);
    layers.set(result, layer);
  }
  const context = sized(canvas, layer.width, layer.height);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.globalAlpha = opacity;
  context.drawImage(layer, 0, 0);
}

const withoutMask = ({ label, score, box }: Detection): Detection => ({ label, score, box }) as Detection;

/** The masks of things, each made once. */
const masks = new WeakMap<object, Uint8Array>();

function maskOf(thing: Detection & { mask(): Uint8Array }): Uint8Array {
  const known = masks.get(thing) ?? thing.mask();
  masks.set(thing, known);
  return known;
}

const nothingAt = (labels: readonly string[], { threshold }: Settings): HTMLElement | string =>
  labels.length > 0
    ? knowsOnly(labels, `Nothing that it knows reaches ${percent(threshold)} here.`)
    : `Nothing reaches ${percent(threshold)} here.`;

const transformWhole = (task: VisionTask<unknown, unknown>, picture: Picture): Promise<RawPicture> =>
  (task as unknown as ImageTransformer).transform(picture, { whole: true }) as Promise<RawPicture>;

const SQUARE = 8;

/** A chessboard where the background was, as editors of pictures show what is transparent. */
function board({ width, height, alpha }: Matte): ImageData {
  const image = new ImageData(width, height);
  for (let i = 0; i < alpha.length; i++) {
    const isDark = (Math.floor((i % width) / SQUARE) + Math.floor(i / width / SQUARE)) % 2 === 0;
    image.data.fill(isDark ? 150 : 215, i * 4, i * 4 + 3);
    image.data[i * 4 + 3] = 255 - alpha[i];
  }
  return image;
}

/** The form of a cut-out, whether its network has a memory or none. */
const matteView: Pick<View<Matte>, 'question' | 'controls' | 'paint' | 'summary'> = {
  question: 'What is in front?',
  controls: ['opacity'],
  paint: (canvas, matte, _, { opacity }) => lay(canvas, matte, opacity, () => board(matte)),
  summary: ({ width, height, alpha }) => ({ width, height, share: shareOf(alpha) }),
};

/**
 * Every task of the library, in the order in which a network is tried for them. Those that few networks fit come first: a
 * map may be many things, and a vector that describes a picture may be scores as well.
 */
export const VIEWS: readonly View<unknown>[] = [
  any<Pose[]>({
    task: PoseEstimator,
    question: 'How do they stand?',
    gives: 'points of bodies or faces',
    controls: ['threshold'],
    redraws: true,
    list: (list, poses, settings, labels) =>
      listThings(list, aboveThreshold(poses, settings), undefined, nothingAt(labels, settings)),
    paint: (canvas, poses, seen, settings) =>
      draw(sharpOver(canvas, seen), aboveThreshold(poses, settings) as Pose[], { names: seen.isNamed ?? true }),
    summary: (poses, settings) => aboveThreshold(poses, settings),
  }),
  any<OrientedDetection[]>({
    task: OrientedDetector,
    question: 'What lies where, and how?',
    gives: 'boxes at an angle',
    controls: ['threshold'],
    redraws: true,
    list: (list, things, settings, labels) =>
      listThings(list, aboveThreshold(things, settings), undefined, nothingAt(labels, settings)),
    paint(canvas, things, seen, settings) {
      const context = sharpOver(canvas, seen);
      context.lineWidth = 2.5 * heroUnit(seen.bitmap);
      const likely = aboveThreshold(things, settings) as OrientedDetection[];
      for (const { index, corners } of likely.toReversed()) {
        context.strokeStyle = `rgb(${paletteColor(index).join(' ')})`;
        context.beginPath();
        for (const { x, y } of corners) context.lineTo(x, y);
        context.closePath();
        context.stroke();
      }
      if (seen.isNamed ?? true) paintLabels(context, likely, seen.bitmap, heroUnit(seen.bitmap));
    },
    summary: (things, settings) => aboveThreshold(things, settings),
  }),
  any<(Detection & { mask(): Uint8Array })[]>({
    task: InstanceSegmenter,
    question: 'Which pixels has each?',
    gives: 'a mask for each thing',
    controls: ['threshold', 'opacity'],
    list: (list, things, settings, labels) =>
      listThings(list, aboveThreshold(things, settings), undefined, nothingAt(labels, settings)),
    paint(canvas, things, { bitmap, isNamed = true }, settings) {
      const context = sized(canvas, bitmap.width, bitmap.height);
      context.clearRect(0, 0, canvas.width, canvas.height);
      const likely = aboveThreshold(things, settings) as (Detection & { mask(): Uint8Array })[];
      const instances = likely.map((thing) => ({ detection: thing, pixels: maskOf(thing), area: 0 }));
      draw(context, instances, { opacity: settings.opacity, names: isNamed });
    },
    summary: (things, settings) => aboveThreshold(things, settings).map(withoutMask),
  }),
  any<Float32Array>({
    task: ImageClassifier,
    question: 'What is it?',
    gives: 'labels',
    controls: ['topK'],
    hasBars: true,
    list: (list, scores, { topK }, labels) => list.replaceChildren(...labelBars(topLabels(scores, labels, { topK }))),
    summary: (scores, _, labels) => topLabels(scores, labels, { topK: 5 }),
  }),
  any<Detection[]>({
    task: ObjectDetector,
    question: 'What is where?',
    gives: 'boxes',
    controls: ['threshold'],
    redraws: true,
    list: (list, things, settings, labels) =>
      listThings(list, aboveThreshold(things, settings), undefined, nothingAt(labels, settings)),
    paint: (canvas, things, seen, settings) =>
      paintBoxes(
        sharpOver(canvas, seen),
        aboveThreshold(things, settings),
        seen.bitmap,
        undefined,
        heroUnit(seen.bitmap),
      ),
    summary: (things, settings) => aboveThreshold(things, settings),
  }),
  any<SegmentationMask>({
    task: ImageSegmenter,
    question: 'Which pixels?',
    gives: 'a mask',
    controls: ['opacity'],
    list: (list, mask) =>
      listOwners(list, byClass(mask), knowsOnly(mask.labels, 'No pixel is of a thing that it knows.')),
    paint(canvas, result, { pixels }, { opacity }) {
      const mask = shrinkMask(result, pixels);
      const colors = mask.labels.map((_, index) => (index === 0 ? undefined : paletteColor(index)));
      paintOver(sized(canvas, mask.width, mask.height), mask.classes, colors, opacity);
    },
    summary: (mask) => ({ classes: pixelsOfClasses(mask) }),
  }),
  any<DepthMap>({
    task: DepthEstimator,
    question: 'How far away?',
    gives: 'depth',
    controls: ['opacity'],
    list(list, depth) {
      const [least, greatest] = depth.range.map((value) => value.toPrecision(3));
      said(list, `From ${least} to ${greatest}, black to white. Most such networks give near things large numbers.`);
    },
    paint: (canvas, depth, _, { opacity }) => lay(canvas, depth, opacity, () => depth.toImageData()),
    summary: ({ width, height, range }) => ({ width, height, range }),
  }),
  any<Matte>({
    ...matteView,
    task: BackgroundRemover,
    gives: 'a cut-out',
    list: (list, { alpha }) => said(list, `${percent(shareOf(alpha))} of the picture is in front.`),
  }),
  any<Matte>({
    ...matteView,
    task: RecurrentMatte,
    gives: 'a cut-out of a video',
    read: readRecurrent,
    next: nextMatte,
    list: (list, { alpha }) =>
      said(
        list,
        `${percent(shareOf(alpha))} of the picture is in front. In a video the network remembers the frames before.`,
      ),
  }),
  any<RawPicture>({
    task: ImageTransformer as never,
    question: 'What picture comes of it?',
    gives: 'a picture',
    controls: ['opacity'],
    answer: transformWhole,
    next: transformWhole,
    list: (list, { width, height }) =>
      said(list, `${width} × ${height} pixels, from one look at the whole picture. Opacity lays them over it.`),
    paint: (canvas, picture, _, { opacity }) =>
      lay(
        canvas,
        picture,
        opacity,
        () => new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height),
      ),
    summary: ({ width, height }) => ({ width, height }),
  }),
  any<Float32Array>({
    task: ImageEmbedder,
    question: 'What is it like?',
    gives: 'a vector',
    controls: [],
    hasBars: true,
    list(list, vector, _, __, answers) {
      const alike = answers ? likeness(vector, answers.picture.chosen) : [];
      const first = `${vector.length} numbers describe the picture. Show others to see how alike they are.`;
      if (alike.length === 0) said(list, first);
      else list.replaceChildren(...labelBars(alike));
    },
    summary: (vector) => [...vector],
  }),
];

const shareOf = (alpha: Uint8Array): number => alpha.reduce((sum, value) => sum + value, 0) / 255 / alpha.length;
