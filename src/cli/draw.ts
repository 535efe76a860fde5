import type { Classification } from '../tasks/image-classifier';
import type { InstanceMask } from '../tasks/instances';
import { placeLabels } from '../tasks/label-places';
import type { Detection } from '../tasks/object-detector';
import type { OrientedDetection } from '../tasks/oriented-detector';
import { type Color, paletteColor } from '../tasks/palette';
import { COCO_LIMBS, type Pose } from '../tasks/pose-estimator';

/** Overlays for pictures: SVG documents of the picture's size, and pixels for masks. */

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The labels in the upper left corner, best first. */
export function drawLabels(labels: readonly Classification[], size: Size): string {
  const { fontSize, lineHeight } = typeOf(size);
  const lines = labels.map(({ label, score }, i) =>
    tag(`${label} ${percent(score)}`, 0, i * lineHeight, fontSize, [0, 0, 0]),
  );
  return svg(size, lines);
}

/** A frame and a tag for each thing, the best on top, and the tags over the frames. */
export function drawDetections(detections: readonly Detection[], size: Size): string {
  const { fontSize, lineHeight } = typeOf(size);
  const stroke = Math.max(1, fontSize / 7);
  const frames = detections.map(({ index, box }) => {
    const [width, height] = [box.xmax - box.xmin, box.ymax - box.ymin];
    const color = rgb(paletteColor(index));
    return `<rect x="${box.xmin}" y="${box.ymin}" width="${width}" height="${height}" fill="none" stroke="${color}" stroke-width="${stroke}"/>`;
  });
  const texts = detections.map(({ label, score }) => `${label} ${percent(score)}`);
  const places = placeLabels(
    detections.map(({ box }) => box),
    texts.map((text) => ({ width: tagWidth(text, fontSize), height: lineHeight })),
    size,
  );
  const tags = detections.map(({ index }, i) => tag(texts[i], places[i].x, places[i].y, fontSize, paletteColor(index)));
  return svg(size, [...frames.reverse(), ...tags.reverse()]);
}

/** A frame, the limbs and the points of each pose. */
export function drawPoses(poses: readonly Pose[], size: Size): string {
  const radius = Math.max(2, typeOf(size).fontSize / 5);
  const shapes = poses.flatMap(({ keypoints, box, score }, k) => {
    const color = rgb(paletteColor(k));
    const seen = (index: number): boolean => keypoints[index].score >= LEAST_POINT;
    const limbs = keypoints.length === COCO_POINTS ? COCO_LIMBS.filter((pair) => pair.every(seen)) : [];
    const lines = limbs.map(([from, to]) => {
      const [a, b] = [keypoints[from], keypoints[to]];
      return `<line x1="${a.x}" y1="${a.y}" x2="${b.x}" y2="${b.y}" stroke="${color}" stroke-width="${radius}"/>`;
    });
    const points = keypoints.filter((_, index) => seen(index));
    const dots = points.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="${radius}" fill="${color}"/>`);
    const { fontSize } = typeOf(size);
    return [...lines, ...dots, tag(percent(score), box.xmin, box.ymin, fontSize, paletteColor(k))];
  });
  return svg(size, shapes);
}

/** An SVG document with the outlines of boxes at any angle. */
export function drawOriented(things: readonly OrientedDetection[], size: Size): string {
  const { fontSize } = typeOf(size);
  const shapes = things.flatMap(({ label, score, index, corners }) => {
    const color = paletteColor(index + 1);
    const points = corners.map(({ x, y }) => `${x},${y}`).join(' ');
    const [first] = [...corners].sort((a, b) => a.y - b.y);
    return [
      `<polygon points="${points}" fill="none" stroke="${rgb(color)}" stroke-width="${fontSize / 8}"/>`,
      tag(`${label} ${percent(score)}`, first.x, Math.max(first.y - fontSize * 1.3, 0), fontSize, color),
    ];
  });
  return svg(size, shapes);
}

const COCO_POINTS = 17;
/** A point that scores less is where the network would guess it. */
const LEAST_POINT = 0.3;

/** RGBA pixels: each thing in a colour of its own, half transparent, the best on top. */
export function drawInstances(instances: readonly InstanceMask[], { width, height }: Size): Uint8Array {
  const pixels = new Uint8Array(width * height * 4);
  for (const [k, { pixels: own }] of [...instances.entries()].reverse()) {
    for (const [i, isThing] of own.entries()) if (isThing) pixels.set([...paletteColor(k + 1), 128], i * 4);
  }
  return pixels;
}

/** RGBA pixels, half transparent where there is a class other than background. */
export function drawMask(classes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(classes.length * 4);
  for (const [i, index] of classes.entries()) if (index > 0) pixels.set([...paletteColor(index), 128], i * 4);
  return pixels;
}

const percent = (score: number): string => `${Math.round(score * 100)} %`;

const rgb = (color: Color): string => `rgb(${color.join(' ')})`;

/** A font size that can be read at the picture's size. */
function typeOf({ width, height }: Size): { fontSize: number; lineHeight: number } {
  const fontSize = Math.max(8, Math.min(width, height) / 22);
  return { fontSize, lineHeight: fontSize * 1.3 };
}

/** A guess, as SVG cannot measure text. */
const tagWidth = (text: string, fontSize: number): number => text.length * fontSize * 0.58 + fontSize * 0.6;

/** White or black letters, whichever reads better, on a filled box. */
function tag(text: string, x: number, y: number, fontSize: number, color: Color): string {
  const [red, green, blue] = color;
  const ink = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? 'black' : 'white';
  return (
    `<rect x="${x}" y="${y}" width="${tagWidth(text, fontSize)}" height="${fontSize * 1.3}" fill="${rgb(color)}"/>` +
    `<text x="${x + fontSize * 0.3}" y="${y + fontSize}" font-family="sans-serif" font-size="${fontSize}" fill="${ink}">${escapeXml(text)}</text>`
  );
}

const svg = ({ width, height }: Size, shapes: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`;

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
