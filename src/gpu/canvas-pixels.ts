import { ArgumentError } from '../errors';
import type { RawPicture } from '../picture';

const context2d = (width: number, height: number): OffscreenCanvasRenderingContext2D =>
  new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;

/**
 * The pixels of a frame, drawn to a canvas of this size.
 *
 * @param failure why the frame could not be copied directly
 * @throws ArgumentError with the remedy
 */
export function canvasPixels(
  frame: CanvasImageSource,
  [width, height]: readonly [number, number],
  failure?: unknown,
): ImageData {
  // A canvas that cannot be copied was never drawn to.
  if (failure instanceof DOMException && failure.name === 'OperationError' && 'getContext' in frame) {
    throw new ArgumentError('the canvas has no context: draw to it first', { cause: failure });
  }
  try {
    const context = context2d(width, height);
    context.drawImage(frame, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } catch (cause) {
    const isForeign = cause instanceof DOMException && cause.name === 'SecurityError';
    const why = isForeign
      ? 'it comes from another origin: set crossOrigin = "anonymous" before src, and have the server allow it'
      : cause;
    throw new ArgumentError(`the picture cannot be read: ${why}`, { cause });
  }
}

/** The same picture in sRGB bytes: `ImageData` may hold another colour space, or float16. */
export function srgbPixels(picture: RawPicture & { readonly colorSpace?: string }): RawPicture {
  const { data, width, height, colorSpace } = picture;
  if (typeof ImageData === 'undefined' || !(picture instanceof ImageData)) return picture;
  if (colorSpace === 'srgb' && data instanceof Uint8ClampedArray) return picture;
  const context = context2d(width, height);
  context.putImageData(picture, 0, 0);
  return context.getImageData(0, 0, width, height);
}
