import { ArgumentError } from '../errors';
import { type Frame, isVideo } from '../gpu/picture-input';

/** Anything that shows a picture. Encoded files (`Blob`) are decoded with their EXIF rotation. */
export type Picture = Frame | HTMLImageElement | ImageData | Blob;

/**
 * A picture as something that can be put on the GPU at once.
 *
 * @param takesVideo whether frames of video can be; otherwise they are copied (Firefox)
 * @throws ArgumentError when it cannot be decoded or shows nothing yet
 */
export async function toFrame(picture: Picture, takesVideo = true): Promise<Frame> {
  if (typeof Blob !== 'undefined' && picture instanceof Blob) {
    return decode(picture, `a file of type "${picture.type}" and ${picture.size} bytes`);
  }
  if (typeof HTMLImageElement !== 'undefined' && picture instanceof HTMLImageElement) {
    try {
      await picture.decode();
    } catch (cause) {
      throw new ArgumentError(`the image ${picture.src.slice(0, 100)} could not be decoded`, { cause });
    }
    return decode(picture, `the image ${picture.src.slice(0, 100)}`);
  }
  if (typeof HTMLVideoElement !== 'undefined' && picture instanceof HTMLVideoElement && picture.videoWidth === 0) {
    throw new ArgumentError('the video has no frame yet: wait for its "loadeddata" event');
  }
  return takesVideo || !isVideo(picture) ? (picture as Frame) : decode(picture, 'the frame of video');
}

/** Colours as they are in the file, alpha not premultiplied: what the networks were trained on. */
async function decode(
  source: Blob | HTMLImageElement | HTMLVideoElement | VideoFrame,
  what: string,
): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  } catch (cause) {
    throw new ArgumentError(`${what} could not be decoded as a picture`, { cause });
  }
}
