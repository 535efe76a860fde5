import { FoveaError } from '../src';

/**
 * Opens the camera and shows it; a camera that is no longer wanted when it comes, as somebody was asked for it first, is
 * closed again.
 *
 * @returns whether it is shown
 * @throws FoveaError saying what to do
 */
export async function openCamera(video: HTMLVideoElement, isWanted: () => boolean): Promise<boolean> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } }, audio: false });
    if (!isWanted()) {
      stop(stream);
      return false;
    }
    video.srcObject = stream;
    await video.play();
    return isWanted();
  } catch (cause) {
    // To close a video ends its start with an error.
    if (!isWanted()) return false;
    const name = cause instanceof DOMException ? cause.name : '';
    const advice =
      name === 'NotAllowedError'
        ? 'Allow this page to use the camera in the browser’s address bar.'
        : name === 'NotFoundError'
          ? 'Connect a camera.'
          : 'Close other programs that use it.';
    throw new FoveaError(`The camera could not be opened. ${advice}`, { cause });
  }
}

export function closeCamera(video: HTMLVideoElement): void {
  if (video.srcObject) stop(video.srcObject as MediaStream);
  video.srcObject = null;
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
