import { FoveaError } from '../src';

/** Pixels of width that are asked for: networks see fewer. */
const WIDTH = 640;

/**
 * Opens the camera and shows it; a camera that is no longer wanted when it comes, as somebody was asked for it first, is
 * closed again.
 *
 * @param camera the one of an id, or whichever the browser offers
 * @returns whether it is shown
 * @throws FoveaError saying what to do
 */
export async function openCamera(
  video: HTMLVideoElement,
  isWanted: () => boolean,
  camera: string | undefined,
): Promise<boolean> {
  // Browsers hide cameras from pages that others on the way could change.
  if (!navigator.mediaDevices) throw new FoveaError('The camera could not be opened. Open the page over https.');
  try {
    const wanted = { width: { ideal: WIDTH }, ...(camera && { deviceId: { exact: camera } }) };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    if (!isWanted()) {
      stop(stream);
      return false;
    }
    closeCamera(video);
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

/** The cameras of this machine, whose names the browser tells once one of them was allowed. */
export async function listCameras(): Promise<{ id: string; name: string }[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind }) => kind === 'videoinput')
    .map(({ deviceId, label }, i) => ({ id: deviceId, name: label || `Camera ${i + 1}` }));
}

/** The camera that a video shows. */
export const cameraOf = (video: HTMLVideoElement): string | undefined =>
  video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0]?.getSettings().deviceId : undefined;

export function closeCamera(video: HTMLVideoElement): void {
  if (video.srcObject) stop(video.srcObject as MediaStream);
  video.srcObject = null;
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
