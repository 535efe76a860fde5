import { aboveThreshold, type Detection, ObjectDetector } from '../../src';
import { byId, percent, sized } from '../dom';
import { knowsOnly, listThings, paintBoxes, sharpSize } from '../drawing';
import type { Settings } from '../settings';
import { type Answers, defineCard, resultOf } from './card';
import { thingColor } from './label-colors';

/** The things above the threshold. */
export const thingsOf = (answers: Answers, settings: Settings): Detection[] =>
  aboveThreshold(resultOf(answers, ObjectDetector) ?? [], settings);

export const detect = defineCard({
  task: ObjectDetector,
  file: 'detector.safetensors',
  network: 'Detector',
  question: 'What is where?',
  uses: () => ['threshold'],
  redraws: true,
  list(candidates, settings, labels, answers) {
    const list = byId('things');
    if (!candidates) list.replaceChildren();
    else {
      const nothing = knowsOnly(labels, `Nothing that it knows reaches ${percent(settings.threshold)} here.`);
      listThings(list, aboveThreshold(candidates, settings), answers && thingColor(answers), nothing);
    }
  },
  paint(answers, settings) {
    const { bitmap } = answers;
    const [width, height, scale] = sharpSize(bitmap);
    const context = sized(byId<HTMLCanvasElement>('boxes'), width, height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paintBoxes(context, thingsOf(answers, settings), bitmap, thingColor(answers), heroUnit(bitmap));
  },
  clear: () => sized(byId<HTMLCanvasElement>('boxes'), 1, 1),
  summary: (candidates, settings) => aboveThreshold(candidates, settings),
});

/** A pixel of the page, in pixels of a picture that is shown whole in the stage. */
export function heroUnit({ width, height }: { readonly width: number; readonly height: number }): number {
  const { clientWidth, clientHeight } = byId('hero');
  return 1 / Math.min(clientWidth / width, clientHeight / height);
}
