import { kindOf } from '../arguments';
import { ArgumentError } from '../errors';
import { srgbPixels } from '../gpu/canvas-pixels';
import { type Frame, isRaw, isTexture, isVideo } from '../gpu/picture-input';
import { checkPixels } from '../picture';

/**
 * Anything that shows a picture. Encoded files (`Blob`) are decoded with their EXIF rotation. Of a `GPUTexture` counts
 * what it holds when the run is submitted.
 */
export type Picture = Frame | HTMLImageElement | ImageData | Blob;

/** One picture, or several of which each has an answer of its own. */
export type Pictures = Picture | readonly Picture[];

/** A list of answers to a list of pictures. */
export type Answers<P extends Pictures, Answer> = P extends readonly Picture[] ? Answer[] : Answer;

/** Answers each picture as one alone is answered. All are on their way at once, so that the GPU never waits for the host. */
export function answerEach<P extends Pictures, Answer>(
  pictures: P,
  answer: (picture: Picture) => Promise<Answer>,
): Promise<Answers<P, Answer>> {
  const answers = Array.isArray(pictures) ? Promise.all(pictures.map(answer)) : answer(pictures as Picture);
  return answers as Promise<Answers<P, Answer>>;
}

/**
 * A picture that can be put on the GPU at once, or undefined where it has to be decoded first.
 *
 * @param takesVideo whether frames of video can be; otherwise they are copied (Firefox)
 * @throws ArgumentError for what is no picture, such as an address, and when it shows nothing yet
 */
export function frameNow(picture: Picture, takesVideo = true): Frame | undefined {
  if (Object(picture) !== picture) {
    throw new ArgumentError(
      `a picture is an image, a video, a Blob or { data, width, height }, got ${kindOf(picture)}`,
    );
  }
  if (isFile(picture) || isImage(picture)) return undefined;
  if (typeof HTMLVideoElement !== 'undefined' && picture instanceof HTMLVideoElement && picture.videoWidth === 0) {
    throw new ArgumentError('the video has no frame yet: wait for its "loadeddata" event');
  }
  return takesVideo || !isVideo(picture) ? picture : undefined;
}

/** A picture as something that can be put on the GPU. @throws ArgumentError when it cannot be decoded or shows nothing yet */
export async function toFrame(picture: Picture, takesVideo = true): Promise<Frame> {
  const frame = frameNow(picture, takesVideo);
  if (frame) return frame;
  if (isFile(picture)) return decode(picture, `a file of type "${picture.type}" and ${picture.size} bytes`);
  if (!isImage(picture)) return decode(picture as HTMLVideoElement | VideoFrame, 'the frame of video');
  const what = `the image ${picture.src.slice(0, 100)}`;
  // An image that has arrived is taken as it is now.
  if (!picture.complete) {
    await picture.decode().catch((cause: unknown) => {
      throw new ArgumentError(`${what} could not be decoded`, { cause });
    });
  }
  return decode(picture, what);
}

/** The picture of this moment, for work that begins later: the caller may draw on the canvas, or close the frame. */
export async function keptFrame(picture: Picture): Promise<Picture> {
  const frame = frameNow(picture);
  // A video that plays on is answered with a later frame.
  if (!frame || 'videoWidth' in frame || isTexture(frame)) return picture;
  if (isRaw(frame)) {
    const { data, width, height } = checkPixels(srgbPixels(frame));
    return { data: data.slice(), width, height };
  }
  return isVideo(frame) ? frame.clone() : createImageBitmap(frame);
}

const isFile = (picture: Picture): picture is Blob => typeof Blob !== 'undefined' && picture instanceof Blob;

const isImage = (picture: Picture): picture is HTMLImageElement =>
  typeof HTMLImageElement !== 'undefined' && picture instanceof HTMLImageElement;

/** Alpha is not premultiplied. Colours become sRGB, as on a canvas, whatever profile the file has. */
async function decode(
  source: Blob | HTMLImageElement | HTMLVideoElement | VideoFrame,
  what: string,
): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { premultiplyAlpha: 'none' });
  } catch (cause) {
    throw new ArgumentError(`${what} could not be decoded as a picture`, { cause });
  }
}
