import { type Color, type Detection, ObjectDetector, paletteColor } from '../../src';
import { meansOfClasses, meanUnder, standOut } from '../colors';
import { type Answers, resultOf } from './card';

/** Things beyond these are shown at the lowest thresholds only. */
const MOST_THINGS = 24;

const known = new WeakMap<Answers, ReadonlyMap<string, Color>>();

/** A colour for each label in the answers to a picture, the same in boxes and masks, which stands out from the picture. */
function labelColors(answers: Answers): ReadonlyMap<string, Color> {
  const before = known.get(answers);
  if (before) return before;
  const { pixels, mask, bitmap } = answers;
  const under = new Map<string, Color>();
  for (const thing of (resultOf(answers, ObjectDetector) ?? []).slice(0, MOST_THINGS)) {
    if (!under.has(thing.label)) under.set(thing.label, meanUnder(thing, pixels.width / bitmap.width, pixels));
  }
  // After the boxes, whose colours stay when the mask comes.
  for (const [index, mean] of (mask ? meansOfClasses(mask.classes, pixels) : []).entries()) {
    const label = mask?.labels[index] ?? '';
    if (mean && index > 0 && !under.has(label)) under.set(label, mean);
  }
  const colors = standOut([...under.values()]);
  const found = new Map([...under.keys()].map((label, i) => [label, colors[i]]));
  known.set(answers, found);
  return found;
}

/** The colour of a thing by its label. */
export const thingColor =
  (answers: Answers) =>
  ({ label, index }: Pick<Detection, 'label' | 'index'>): Color =>
    labelColors(answers).get(label) ?? paletteColor(index);

/** The colours of a mask's classes, by class index; background has none. */
export function classColors(answers: Answers): (Color | undefined)[] {
  const labels = answers.mask?.labels ?? [];
  return labels.map((label, index) => (index === 0 ? undefined : thingColor(answers)({ label, index })));
}
