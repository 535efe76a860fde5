import type { AnyCard, Networks, Place } from './answering';
import { mayTryAgain } from './gpu';

interface Pace {
  readonly video: HTMLVideoElement;
  networks(): Networks | undefined;
  /** Whether the video is still the one that is looked at. */
  isOn(): boolean;
  show(card: AnyCard, result: unknown): void;
}

/** Lets a network answer a video at a pace of its own, until the video or the network gives way to another. */
export async function answerAtOwnPace([id, place]: readonly [string, Place], pace: Pace): Promise<void> {
  const { card, task } = place;
  const isWanted = (): boolean => pace.isOn() && pace.networks()?.places[id] === place;
  while (isWanted()) {
    await nextFrame(pace.video);
    if (document.hidden || pace.video.videoWidth === 0 || !isWanted()) continue;
    const frame = await createImageBitmap(pace.video);
    try {
      const result = await card.next!(task, frame);
      if (isWanted()) pace.show(card, result);
    } catch (error) {
      // A network that was replaced has been disposed of.
      if (isWanted() && !mayTryAgain(error)) throw error;
    } finally {
      frame.close();
    }
  }
}

/** A video that ends sends no more frames: the page looks again now and then whether it is wanted. */
const nextFrame = (video: HTMLVideoElement): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => video.requestVideoFrameCallback(resolve)),
    new Promise((resolve) => setTimeout(resolve, 1000)),
  ]);
