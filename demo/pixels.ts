import { ArgumentError, type Picture, type RawPicture } from '../src';
import { frameSize } from '../src/gpu/picture-input';
import { toFrame } from '../src/tasks/picture';

/** The pixels of any picture but a GPU's texture, for what computes on the CPU. */
export async function toPixels(picture: Exclude<Picture, GPUTexture>): Promise<RawPicture> {
  const frame = await toFrame(picture);
  if ('data' in frame) return frame;
  const [width, height] = frameSize(frame);
  return pixelsOf(frame as Exclude<typeof frame, GPUTexture>, width, height);
}

export const bitmapPixels = (bitmap: ImageBitmap): ImageData => pixelsOf(bitmap, bitmap.width, bitmap.height);

function pixelsOf(source: CanvasImageSource, width: number, height: number): ImageData {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/**
 * A picture to be shown.
 *
 * @param name what the error calls it
 * @throws ArgumentError when it cannot be decoded
 */
export async function toBitmap(picture: Picture, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(picture as ImageBitmapSource);
  } catch (cause) {
    throw new ArgumentError(`${name} could not be decoded as a picture. Try a JPEG, PNG or WebP file.`, { cause });
  }
}
