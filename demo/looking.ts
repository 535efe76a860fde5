import { ArgumentError, type Picture } from '../src';
import type { LookedAt, LookingAnswer } from './looking-worker';
import { bitmapPixels, PIXELS_SIDE } from './shrink';

/** The longer side of a drawing that does not say how large it is. */
const DRAWING_SIDE = 1024;

/**
 * Decodes and shrinks a picture, files in a worker: a photograph of a phone takes half a second.
 *
 * @param name what the error calls it
 * @throws ArgumentError when it cannot be decoded
 */
export async function lookAt(picture: Picture, name: string): Promise<LookedAt> {
  try {
    if (picture instanceof Blob && picture.type !== 'image/svg+xml') return await inWorker(picture);
    const bitmap = await createImageBitmap(
      (picture instanceof Blob ? await drawn(picture) : picture) as ImageBitmapSource,
    );
    return { bitmap, pixels: bitmapPixels(bitmap, PIXELS_SIDE), width: bitmap.width, height: bitmap.height };
  } catch (cause) {
    throw new ArgumentError(`${name} could not be decoded as a picture. Try a JPEG, PNG or WebP file.`, { cause });
  }
}

let worker: Worker | undefined;

function inWorker(file: Blob): Promise<LookedAt> {
  worker ??= new Worker(new URL('./looking-worker.ts', import.meta.url), { type: 'module' });
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }: MessageEvent<LookingAnswer>) => {
      port1.close();
      if ('error' in data) reject(new Error(data.error));
      else resolve(data);
    };
    worker!.postMessage({ file, port: port2 }, [port2]);
  });
}

/** An SVG, which only an image element can draw. */
async function drawn(file: Blob): Promise<HTMLCanvasElement> {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    const [width, height] = [image.naturalWidth || DRAWING_SIDE, image.naturalHeight || DRAWING_SIDE];
    const scale = DRAWING_SIDE / Math.max(width, height);
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
