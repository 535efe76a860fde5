import { type Box, type Color, ImageSegmenter, instanceMasks } from '../../src';
import { meansOfClasses, standOut } from '../colors';
import { byId, pixelUnder, sized } from '../dom';
import { byClass, knowsOnly, listOwners, type Painting, paintOver, readable } from '../drawing';
import { type ClassMap, pixelsOfClasses } from '../masks';
import type { Settings } from '../settings';
import { type Answers, defineCard } from './card';
import { thingsOf } from './detect';
import { classColors } from './label-colors';

export const segment = defineCard({
  task: ImageSegmenter,
  file: 'segmenter.safetensors',
  network: 'Segmenter',
  question: 'Which pixels?',
  uses: ({ instances }) => (instances ? ['opacity', 'instances', 'threshold'] : ['opacity', 'instances']),
  /** The mask over the picture, by class or by thing, with a legend. */
  paint(answers, settings) {
    const { mask, pixels } = answers;
    const context = sized(byId<HTMLCanvasElement>('mask'), pixels.width, pixels.height);
    context.clearRect(0, 0, pixels.width, pixels.height);
    byId('legend').replaceChildren();
    if (!mask) return;
    const painting = settings.instances ? byThing(mask, answers, settings) : byClass(mask);
    const colors = settings.instances ? thingColors(painting, answers) : classColors(answers);
    paintOver(context, painting.owners, colors, settings.opacity);
    const said = settings.instances
      ? 'No thing above the threshold has pixels of its class.'
      : 'No pixel is of a thing that it knows.';
    listOwners(byId('legend'), painting, knowsOnly(mask.labels, said), (owner) => colors[owner]!);
  },
  clear: () => sized(byId<HTMLCanvasElement>('mask'), 1, 1),
  summary: (mask) => ({ classes: pixelsOfClasses(mask) }),
});

function byThing(mask: ClassMap, answers: Answers, settings: Settings): Painting {
  const scale = mask.width / answers.bitmap.width;
  const things = thingsOf(answers, settings).map((thing) => ({ ...thing, box: scaled(thing.box, scale) }));
  const owners = new Uint8Array(mask.classes.length);
  const legend = instanceMasks(things, mask).flatMap(({ detection, pixels, area }, k) => {
    if (area === 0) return [];
    for (const [i, inside] of pixels.entries()) if (inside) owners[i] = k + 1;
    return [{ name: detection.label, owner: k + 1, share: area / owners.length }];
  });
  return { owners, legend };
}

/** Colours of things by their owners' numbers: those of one class have different ones. */
function thingColors({ owners }: Painting, { pixels }: Answers): (Color | undefined)[] {
  const means = meansOfClasses(owners, pixels);
  const present = [...means.entries()].flatMap(([owner, mean]) => (owner > 0 && mean ? [[owner, mean] as const] : []));
  const colors = standOut(present.map(([, mean]) => mean));
  const byOwner: (Color | undefined)[] = [];
  for (const [i, [owner]] of present.entries()) byOwner[owner] = colors[i];
  return byOwner;
}

const scaled = ({ xmin, ymin, xmax, ymax }: Box, by: number): Box => ({
  xmin: xmin * by,
  ymin: ymin * by,
  xmax: xmax * by,
  ymax: ymax * by,
});

/** Names the pixel under the pointer or the finger. */
export function setUpHover(answers: () => Answers | undefined): void {
  const canvas = byId<HTMLCanvasElement>('mask');
  const hover = byId('hover');
  const hint = hover.textContent!;
  const name = (event: PointerEvent): void => {
    const mask = answers()?.mask;
    if (!mask) return;
    const [x, y] = pixelUnder(canvas, event);
    hover.textContent = readable(mask.labels[mask.classes[y * mask.width + x]]);
  };
  canvas.addEventListener('pointermove', name);
  canvas.addEventListener('pointerdown', name);
  canvas.addEventListener('pointerleave', ({ pointerType }) => {
    // A finger leaves when it is lifted, and what it touched is to be read then.
    if (pointerType !== 'touch') hover.textContent = hint;
  });
}
