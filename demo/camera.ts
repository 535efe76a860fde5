import { FoveaError } from '../src';

/** Opens the camera and shows it. @throws FoveaError saying what to do */
export async function openCamera(video: HTMLVideoElement): Promise<void> {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } }, audio: false });
    await video.play();
  } catch (cause) {
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
  for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}
