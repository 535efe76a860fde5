import { type Detection, ImageSegmenter, instanceMasks, type SegmentationMask } from '../../src';
import { byId, pixelUnder, sized } from '../dom';
import { byClass, countClasses, listOwners, type Painting, paintOwners, READ_BACK, readable } from '../drawing';
import { type Answers, defineCard, resultOf } from './card';
import { thingsOf } from './detect';

export const segment = defineCard({
  task: ImageSegmenter,
  file: 'segmenter.safetensors',
  network: 'Segmenter',
  question: 'Which pixels?',
  /** The mask over the picture, by class or by thing, with a legend. */
  paint(answers, settings) {
    const { bitmap } = answers;
    const mask = resultOf(answers, ImageSegmenter);
    const { width, height } = mask ?? bitmap;
    const context = sized(byId<HTMLCanvasElement>('mask'), width, height, READ_BACK);
    context.drawImage(bitmap, 0, 0, width, height);
    byId('legend').replaceChildren();
    if (!mask) return;
    const painting = settings.instances ? byThing(mask, thingsOf(answers, settings)) : byClass(mask);
    paintOwners(context, painting.owners, settings.opacity);
    const nothing = settings.instances ? 'No thing above the threshold has pixels of its class.' : 'Background only.';
    listOwners(byId('legend'), painting, nothing);
  },
  summary: ({ classes, labels }) => ({
    classes: Object.fromEntries([...countClasses(classes)].map(([index, n]) => [labels[index], n])),
  }),
});

function byThing(mask: SegmentationMask, things: readonly Detection[]): Painting {
  const owners = new Uint8Array(mask.classes.length);
  const legend = instanceMasks(things, mask).flatMap(({ detection, pixels, area }, k) => {
    if (area === 0) return [];
    for (const [i, inside] of pixels.entries()) if (inside) owners[i] = k + 1;
    return [{ name: detection.label, owner: k + 1, share: area / owners.length }];
  });
  return { owners, legend };
}

/** Names the pixel under the pointer. */
export function setUpHover(answers: () => Answers | undefined): void {
  const canvas = byId<HTMLCanvasElement>('mask');
  const hover = byId('hover');
  const hint = hover.textContent!;
  canvas.addEventListener('pointermove', (event) => {
    const known = answers();
    const mask = known && resultOf(known, ImageSegmenter);
    if (!mask) return;
    const [x, y] = pixelUnder(canvas, event);
    hover.textContent = readable(mask.labels[mask.classes[y * mask.width + x]]);
  });
  canvas.addEventListener('pointerleave', () => {
    hover.textContent = hint;
  });
}
