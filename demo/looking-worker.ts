import { bitmapPixels, PIXELS_SIDE, SHOWN_SIDE, within } from './shrink';

/** A picture made ready for the page: it works on copies, as phones take pictures of many million pixels. */
export interface LookedAt {
  /** At most `SHOWN_SIDE` pixels a side. */
  readonly bitmap: ImageBitmap;
  /** At most `PIXELS_SIDE` pixels a side. */
  readonly pixels: ImageData;
  /** Of the picture itself. */
  readonly width: number;
  readonly height: number;
}

export type LookingAnswer = LookedAt | { readonly error: string };

self.onmessage = async ({ data }: MessageEvent<{ file: Blob; port: MessagePort }>) => {
  const answer: LookingAnswer = await lookAt(data.file).catch((error: unknown) => ({ error: String(error) }));
  data.port.postMessage(answer, 'bitmap' in answer ? [answer.bitmap, answer.pixels.data.buffer] : []);
};

async function lookAt(file: Blob): Promise<LookedAt> {
  const whole = await createImageBitmap(file, { premultiplyAlpha: 'none' });
  const { width, height } = whole;
  const [shownWidth, shownHeight] = within(width, height, SHOWN_SIDE);
  if (shownWidth === width && shownHeight === height)
    return { bitmap: whole, pixels: bitmapPixels(whole, PIXELS_SIDE), width, height };
  const canvas = new OffscreenCanvas(shownWidth, shownHeight);
  // Kept off the GPU: each network's upload would read it back from there, on the page's own thread.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(whole, 0, 0, shownWidth, shownHeight);
  whole.close();
  const bitmap = canvas.transferToImageBitmap();
  return { bitmap, pixels: bitmapPixels(bitmap, PIXELS_SIDE), width, height };
}
