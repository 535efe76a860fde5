import { aboveThreshold, type Detection, ObjectDetector } from '../../src';
import { byId } from '../dom';
import { listThings, paintBoxes, sharpPicture } from '../drawing';
import type { Settings } from '../settings';
import { type Answers, defineCard, resultOf } from './card';

/** The things above the threshold. */
export const thingsOf = (answers: Answers, settings: Settings): Detection[] =>
  aboveThreshold(resultOf(answers, ObjectDetector) ?? [], settings);

export const detect = defineCard({
  task: ObjectDetector,
  file: 'detector.safetensors',
  network: 'Detector',
  question: 'What is where?',
  list(candidates, settings) {
    if (candidates) listThings(byId('things'), aboveThreshold(candidates, settings));
    else byId('things').replaceChildren();
  },
  paint(answers, settings) {
    const context = sharpPicture(byId<HTMLCanvasElement>('boxes'), answers.bitmap);
    paintBoxes(context, thingsOf(answers, settings), answers.bitmap);
  },
  summary: (candidates, settings) => aboveThreshold(candidates, settings),
});
