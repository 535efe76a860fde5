import type { RawPicture } from '../picture';
import { toPixels } from './cpu-picture-model';
import { mapToPicture } from './map-to-picture';
import { type Answers, answerEach, type Picture, type Pictures } from './picture';
import type { Task } from './task';
import { VisionTask } from './vision-task';

/** How much of every pixel belongs to the thing in front. */
export interface Matte {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`: 0 for the background, 255 for the thing. */
  readonly alpha: Uint8Array;
}

/**
 * Cuts the thing in front out of a picture.
 *
 * ```ts
 * const remover = await BackgroundRemover.load(engine, 'modnet.onnx');
 * const cutOut = await remover.remove(picture);
 * image.src = URL.createObjectURL(await cutOut.toBlob());
 * ```
 */
export class BackgroundRemover extends VisionTask<Matte> {
  static readonly task: Task<Matte> = {
    name: 'cut-out',
    outputs: { matte: { shape: '[1, 1, h, w]', fits: ({ 1: channels, length }) => length === 4 && channels === 1 } },
    result: ({ outputs, placement }) => {
      const { data, shape } = outputs.get('matte')!;
      const values = mapToPicture({ data, height: shape[2], width: shape[3] }, placement);
      const alpha = Uint8Array.from(values, (value) => Math.round(Math.min(Math.max(value, 0), 1) * 255));
      return { width: placement.width, height: placement.height, alpha };
    },
  };

  /**
   * A picture, or each of several, with its background transparent, at its own size.
   *
   * @throws ArgumentError, DeviceLostError, DisposedError
   */
  async remove<P extends Pictures>(picture: P): Promise<Answers<P, CutOut>> {
    return answerEach(picture, (one) => this.#removeFrom(one));
  }

  async #removeFrom(picture: Picture): Promise<CutOut> {
    // The data are the caller's, who may go on to change them.
    const { data, width, height } = await toPixels(picture);
    const own = { data: data.slice(), width, height };
    return new CutOut(own, await this.answer(own));
  }
}

/** A picture without its background: RGBA, alpha not premultiplied. */
export class CutOut implements RawPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;

  constructor(picture: RawPicture, { alpha }: Matte) {
    this.width = picture.width;
    this.height = picture.height;
    this.data = Uint8ClampedArray.from(picture.data);
    // What was transparent before stays so.
    for (const [i, share] of alpha.entries()) this.data[i * 4 + 3] = Math.round((this.data[i * 4 + 3] * share) / 255);
  }

  toImageData(): ImageData {
    return new ImageData(this.data, this.width, this.height);
  }

  toImageBitmap(): Promise<ImageBitmap> {
    return createImageBitmap(this.toImageData(), { premultiplyAlpha: 'none' });
  }

  /** An encoded file, in browsers. @param type one that keeps alpha: PNG or WebP */
  async toBlob(type = 'image/png'): Promise<Blob> {
    const canvas = new OffscreenCanvas(this.width, this.height);
    canvas.getContext('2d')!.putImageData(this.toImageData(), 0, 0);
    return canvas.convertToBlob({ type });
  }
}
