/** At most so many pixels a side are shown, and seen by the networks, of which none takes as many. */
export const SHOWN_SIDE = 1600;
/** At most so many pixels a side for what computes on the CPU. */
export const PIXELS_SIDE = 640;

/** The size of a picture after shrinking it to at most so many pixels a side. */
export function within(width: number, height: number, side: number): [width: number, height: number] {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** The pixels of a picture that is shrunk to at most so many a side. */
export function bitmapPixels(bitmap: ImageBitmap, side: number): ImageData {
  const [width, height] = within(bitmap.width, bitmap.height, side);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
