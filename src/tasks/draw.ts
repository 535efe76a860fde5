import { checkOptions } from '../arguments';
import { ArgumentError } from '../errors';
import type { CutOut } from './background-remover';
import type { DepthMap } from './depth-estimator';
import type { Classification } from './image-classifier';
import type { SegmentationMask } from './image-segmenter';
import type { InstanceMask } from './instances';
import { placeLabels } from './label-places';
import type { Detection } from './object-detector';
import { type Color, paletteColor } from './palette';
import { COCO_LIMBS, type Keypoint, type Pose } from './pose-estimator';

/** What tasks answer, of one picture. */
export type Drawable =
  | readonly (Classification | Detection | Pose | InstanceMask)[]
  | SegmentationMask
  | DepthMap
  | CutOut;

export interface ResultDrawOptions {
  /** Opacity of masks, 0..1. Default 0.6. */
  readonly opacity?: number;
  /** Points that score less are left out. Default 0.3. */
  readonly pointThreshold?: number;
  /** Whether names and scores are written at boxes. Default true. */
  readonly names?: boolean;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** The number of COCO's points, which limbs are known for. */
const COCO_POINTS = 17;

/**
 * Draws an answer over the picture that a canvas of the picture's size shows: labels, boxes, points, masks.
 *
 * ```ts
 * context.drawImage(picture, 0, 0);
 * draw(context, await detector.detect(picture));
 * ```
 *
 * @throws ArgumentError for what is no answer of a task
 */
export function draw(context: Context, result: Drawable, options: ResultDrawOptions = {}): void {
  checkOptions(options, { opacity: true, pointThreshold: true, names: true });
  if (Array.isArray(result)) {
    drawList(context, result, options);
    return;
  }
  if (Object(result) !== result || !('toImageData' in result)) {
    throw new ArgumentError(`draw takes what a task answers, got ${String(result)}`);
  }
  // Only a mask is laid over the picture: the others are pictures of their own.
  const { opacity = 0.6 } = options;
  layOver(context, result.toImageData(), 'classes' in result ? opacity : 1);
}

function drawList(context: Context, result: Extract<Drawable, readonly unknown[]>, options: ResultDrawOptions): void {
  const things: Detection[] = [];
  const labels: Classification[] = [];
  const { opacity = 0.6, pointThreshold = 0.3, names = true } = options;
  // The best are drawn last, over the others.
  for (const [k, one] of [...result.entries()].reverse()) {
    if ('pixels' in one) layOver(context, maskImage(one, context, paletteColor(k + 1)), opacity);
    if ('keypoints' in one) drawPoints(context, one.keypoints, paletteColor(k), pointThreshold);
    if ('detection' in one) things.unshift(one.detection);
    else if ('box' in one) things.unshift(one);
    else labels.unshift(one);
  }
  drawBoxes(context, things);
  if (names) drawNames(context, things);
  const { lineHeight } = styled(context);
  for (const [k, { label, score }] of labels.entries()) {
    drawTag(context, textOf(label, score), { x: 0, y: k * lineHeight }, [0, 0, 0]);
  }
}

function drawBoxes(context: Context, things: readonly Detection[]): void {
  context.lineWidth = styled(context).lineWidth;
  for (const { index, box } of things.toReversed()) {
    context.strokeStyle = css(paletteColor(index));
    context.strokeRect(box.xmin, box.ymin, box.xmax - box.xmin, box.ymax - box.ymin);
  }
}

function drawNames(context: Context, things: readonly Detection[]): void {
  const { lineHeight, fontSize } = styled(context);
  const texts = things.map(({ label, score }) => textOf(label, score));
  const sizes = texts.map((text) => ({ width: tagWidth(context, text, fontSize), height: lineHeight }));
  const places = placeLabels(
    things.map(({ box }) => box),
    sizes,
    context.canvas,
  );
  for (const [k, { index }] of [...things.entries()].reverse()) {
    drawTag(context, texts[k], places[k], paletteColor(index));
  }
}

function drawPoints(context: Context, points: readonly Keypoint[], color: Color, least: number): void {
  const { lineWidth } = styled(context);
  context.lineWidth = lineWidth;
  context.strokeStyle = css(color);
  context.fillStyle = css(color);
  const isSeen = (index: number): boolean => points[index].score >= least;
  for (const pair of points.length === COCO_POINTS ? COCO_LIMBS : []) {
    if (!pair.every(isSeen)) continue;
    const [from, to] = pair.map((index) => points[index]);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  for (const [k, { x, y }] of points.entries()) {
    if (!isSeen(k)) continue;
    context.beginPath();
    context.arc(x, y, lineWidth * 1.5, 0, 2 * Math.PI);
    context.fill();
  }
}

function maskImage({ pixels }: InstanceMask, { canvas }: Context, color: Color): ImageData {
  const { width, height } = canvas;
  if (pixels.length !== width * height) {
    throw new ArgumentError(`a mask of ${pixels.length} pixels does not fit a canvas of ${width} × ${height}`);
  }
  const image = new ImageData(width, height);
  for (const [i, isThing] of pixels.entries()) if (isThing) image.data.set([...color, 255], i * 4);
  return image;
}

/** `putImageData` would replace the picture: what is drawn as an image is blended. */
function layOver(context: Context, image: ImageData, opacity: number): void {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  context.save();
  context.globalAlpha = opacity;
  context.drawImage(canvas, 0, 0);
  context.restore();
}

/** White or black letters, whichever reads better, on a filled box. */
function drawTag(context: Context, text: string, { x, y }: { x: number; y: number }, color: Color): void {
  const { fontSize, lineHeight } = styled(context);
  const [red, green, blue] = color;
  context.fillStyle = css(color);
  context.fillRect(x, y, tagWidth(context, text, fontSize), lineHeight);
  context.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? 'black' : 'white';
  context.fillText(text, x + fontSize * 0.3, y + fontSize);
}

/** Sets a font that can be read at the picture's size. */
function styled(context: Context): { fontSize: number; lineHeight: number; lineWidth: number } {
  const fontSize = Math.max(8, Math.min(context.canvas.width, context.canvas.height) / 22);
  context.font = `${fontSize}px sans-serif`;
  return { fontSize, lineHeight: fontSize * 1.3, lineWidth: Math.max(1, fontSize / 7) };
}

const tagWidth = (context: Context, text: string, fontSize: number): number =>
  context.measureText(text).width + fontSize * 0.6;

const textOf = (label: string, score: number): string => `${label} ${Math.round(score * 100)} %`;

const css = (color: Color): string => `rgb(${color.join(' ')})`;
