import { aboveThreshold, type Detection } from '../src';
import { byId, sized } from './dom';
import { paintLabels, sharpSize } from './drawing';
import type { Settings } from './settings';

/**
 * Writes the names of things at their boxes over a video.
 *
 * @param answers what the networks that are looked at say of a frame: those with boxes have names
 */
export function nameLive(answers: readonly unknown[], video: HTMLVideoElement, settings: Settings): void {
  const size = { width: video.videoWidth, height: video.videoHeight };
  const [width, height, scale] = sharpSize(size);
  const context = sized(byId<HTMLCanvasElement>('live-names'), width, height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  const things = answers.filter(haveBoxes).flatMap((found) => aboveThreshold(found, settings));
  // The picture may be mirrored, and letters must not be.
  const isMirrored = video.classList.contains('mirrored');
  const { clientWidth, clientHeight } = byId('hero');
  const unit = 1 / Math.min(clientWidth / size.width, clientHeight / size.height);
  paintLabels(context, isMirrored ? things.map((thing) => mirrored(thing, size.width)) : things, size, unit);
}

const haveBoxes = (answer: unknown): answer is readonly Detection[] =>
  Array.isArray(answer) && 'box' in Object(answer[0]);

const mirrored = (thing: Detection, width: number): Detection => ({
  ...thing,
  box: { ...thing.box, xmin: width - thing.box.xmax, xmax: width - thing.box.xmin },
});
