import type { GraphNode, Tensor } from '../../../src';
import { make, percent } from '../../dom';
import { className, type Looked } from '../looked';
import { type Corners, drawBoxes } from './boxes';

type Attributes = GraphNode<'non-maximum-suppression'>['attributes'];

/** One box of a class, in the order in which its turn comes. */
export interface Candidate {
  readonly box: number;
  readonly score: number;
  readonly corners: Corners;
  /** The better box that it overlaps too much, and by how much; one that stays has none. */
  readonly behind: { readonly box: number; readonly overlap: number } | undefined;
}

/** The candidates of one class of the first picture, best first, and what becomes of each. */
export function suppressionSteps(boxes: Tensor, scores: Tensor, attributes: Attributes, ofClass: number): Candidate[] {
  const count = boxes.shape[1];
  const classes = scores.shape[attributes.scoreLayout === 'class-first' ? 1 : 2];
  const scoreOf = (box: number): number =>
    Number(scores.data[attributes.scoreLayout === 'class-first' ? ofClass * count + box : box * classes + ofClass]);
  const kept: Candidate[] = [];
  return Array.from({ length: count }, (_, box) => ({ box, score: scoreOf(box) }))
    .filter(({ score }) => score > attributes.scoreThreshold)
    .sort((a, b) => b.score - a.score || a.box - b.box)
    .map(({ box, score }): Candidate => {
      const corners = cornersOf(boxes, box, attributes);
      const over = kept.find((other) => overlap(other.corners, corners) > attributes.iouThreshold);
      const behind = over && { box: over.box, overlap: overlap(over.corners, corners) };
      const candidate = { box, score, corners, behind };
      if (!behind) kept.push(candidate);
      return candidate;
    });
}

function cornersOf({ data }: Tensor, box: number, { boxFormat }: Attributes): Corners {
  const [a, b, c, d] = Array.from(data.subarray(4 * box, 4 * box + 4), Number);
  return boxFormat === 'center'
    ? [a - c / 2, b - d / 2, a + c / 2, b + d / 2]
    : [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

const area = ([left, top, right, bottom]: Corners): number => Math.max(0, right - left) * Math.max(0, bottom - top);

/** Intersection over union. */
function overlap(p: Corners, q: Corners): number {
  const shared = area([Math.max(p[0], q[0]), Math.max(p[1], q[1]), Math.min(p[2], q[2]), Math.min(p[3], q[3])]);
  return shared > 0 ? shared / (area(p) + area(q) - shared) : 0;
}

/** The class with the best score. */
export function bestClass(scores: Tensor, { scoreLayout, firstClass }: Attributes): number {
  const classes = scores.shape[scoreLayout === 'class-first' ? 1 : 2];
  const count = scores.size / scores.shape[0] / classes;
  let [best, bestScore] = [firstClass as number, -Infinity];
  for (let at = 0; at < classes * count; at++) {
    const ofClass = scoreLayout === 'class-first' ? Math.floor(at / count) : at % classes;
    if (ofClass >= firstClass && scores.data[at] > bestScore) [best, bestScore] = [ofClass, scores.data[at]];
  }
  return best;
}

/** More are not told one by one. */
const MOST_STEPS = 40;

export function showSuppression(looked: Looked, boxes: Tensor, scores: Tensor, attributes: Attributes): HTMLElement[] {
  const ofClass = bestClass(scores, attributes);
  const steps = suppressionSteps(boxes, scores, attributes, ofClass).slice(0, MOST_STEPS);
  if (steps.length === 0) {
    return [make('p', { class: 'equation' }, `No box has a score above ${percent(attributes.scoreThreshold)}.`)];
  }
  const [inputHeight, inputWidth] = looked.spec.size;
  // Boxes may be in pixels of the input.
  const isInPixels = steps.some(({ corners }) => Math.max(...corners) > 2);
  const shareOf = ([left, top, right, bottom]: Corners): Corners =>
    isInPixels
      ? [left / inputWidth, top / inputHeight, right / inputWidth, bottom / inputHeight]
      : [left, top, right, bottom];
  const drawing = make('div', {});
  const items = steps.map(({ box, score, behind }) => {
    const fate = behind ? `goes: ${percent(behind.overlap)} of it and box ${behind.box} is shared` : 'stays';
    return make('li', {}, `Box ${box}, ${percent(score)}: ${fate}`);
  });
  const slider = make('input', {
    type: 'range',
    min: 1,
    max: steps.length,
    value: steps.length,
    'aria-label': 'Boxes whose turn came',
  });
  const show = (): void => {
    const done = slider.valueAsNumber;
    const drawn = steps.slice(0, done).map(({ corners, behind }, i) => ({
      corners: shareOf(corners),
      color: i === done - 1 ? '#ffd54a' : behind ? '#ff9d94' : '#6fd695',
      dashed: behind !== undefined,
    }));
    // Those that stay lie over those that go.
    drawn.sort((a, b) => Number(b.dashed) - Number(a.dashed));
    drawing.replaceChildren(drawBoxes(looked, `${done} boxes, those that go dashed`, drawn));
    for (const [i, item] of items.entries()) {
      item.classList.toggle('chosen', i === done - 1);
      item.hidden = i >= done;
    }
  };
  slider.addEventListener('input', show);
  show();
  const classes = scores.shape[attributes.scoreLayout === 'class-first' ? 1 : 2];
  const about = `Class ${className(looked, ofClass, classes)}, best first: a box goes if it and a better one share more than ${percent(attributes.iouThreshold)} of their union.`;
  return [
    make('p', { class: 'equation' }, about),
    make('label', { class: 'slider' }, 'Step ', slider),
    drawing,
    make('ol', { class: 'turns' }, ...items),
  ];
}
