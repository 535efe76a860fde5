import { ArgumentError } from '../errors';
import { maskTexture } from '../gpu/mask-texture';
import { type InstanceMask, instanceMasks } from './instances';
import type { Detection } from './object-detector';
import { type Color, paletteColor } from './palette';
import { type Answers, answerEach, type Pictures } from './picture';
import type { PictureNetwork, Task } from './task';
import { VisionTask } from './vision-task';

/**
 * Says for every pixel what it belongs to.
 *
 * ```ts
 * const segmenter = await ImageSegmenter.load(engine, 'segmenter.safetensors');
 * const mask = await segmenter.segment(picture);
 * context.putImageData(mask.toImageData(), 0, 0);
 * ```
 */
export class ImageSegmenter extends VisionTask<SegmentationMask, Uint8Array> {
  static readonly task: Task<SegmentationMask, Uint8Array> = {
    name: 'segment',
    outputs: {
      logits: {
        // A class is one byte of a mask.
        shape: '[1, classes, h, w] with at most 256 classes',
        fits: ({ 0: batch, 1: classes, length }) => length === 4 && batch === 1 && classes <= 256,
      },
    },
    decoder: {
      onGpu: async (session) => (await import('../gpu/segment-mask')).MaskDecoder.create(session, 'logits'),
      async onCpu(outputs, placement, runner) {
        const logits = outputs.get('logits')!;
        if (runner.segmentMask) return runner.segmentMask(logits, placement);
        return (await import('../reference/segment-mask')).segmentMask(logits, placement);
      },
    },
    result: ({ outputs, placement: { width, height } }, labels, engine) =>
      new SegmentationMask(width, height, labels, outputs, engine),
    layer: {
      canvas: 'mask',
      order: 0,
      async create(session, format) {
        const { drawMasks, tensorSource } = await import('../gpu/overlay');
        return drawMasks(session.pipelines, tensorSource(session, 'logits'), format);
      },
    },
  };

  #last: SegmentationMask | undefined;

  /**
   * A class for every pixel of a picture, or of each of several, at the picture's own size.
   *
   * @throws ArgumentError, DeviceLostError, DisposedError
   */
  async segment<P extends Pictures>(picture: P): Promise<Answers<P, SegmentationMask>> {
    return answerEach(picture, async (one) => {
      this.#last = await this.answer(one);
      return this.#last;
    });
  }

  /**
   * One mask for each detection: the pixels of its class within its box. A pixel in several boxes of its class goes to
   * the one whose centre is nearest, measured in the box's own size.
   *
   * @param mask by default that of the last picture
   */
  instances(detections: readonly Detection[], mask: SegmentationMask | undefined = this.#last): InstanceMask[] {
    return mask ? instanceMasks(detections, mask) : [];
  }
}

/** The class of every pixel of a picture. */
export class SegmentationMask {
  #texture: { readonly device: GPUDevice; readonly texture: GPUTexture } | undefined;

  constructor(
    readonly width: number,
    readonly height: number,
    /** By class index; index 0 is background. */
    readonly labels: readonly string[],
    /** `[height, width]`, row by row from the top. */
    readonly classes: Uint8Array,
    private readonly engine?: PictureNetwork['engine'],
  ) {}

  /** How many pixels each class has, largest first, background left out. */
  areas(): { label: string; index: number; pixels: number }[] {
    const counts = new Uint32Array(256);
    const { classes } = this;
    // By index: through an iterator, two million pixels take three times as long.
    for (let i = 0; i < classes.length; i++) counts[classes[i]]++;
    return this.labels
      .map((label, index) => ({ label, index, pixels: counts[index] }))
      .filter(({ index, pixels }) => index > 0 && pixels > 0)
      .sort((a, b) => b.pixels - a.pixels);
  }

  /** The mask as a picture to lay over the original: background transparent, each class in a colour of its own. */
  toImageData(colorOf: (index: number) => Color = paletteColor): ImageData {
    const colors = new Uint8ClampedArray(256 * 4);
    for (const index of this.labels.keys()) if (index > 0) colors.set([...colorOf(index), 255], index * 4);
    // A picture has millions of pixels: one number each.
    const colorWords = new Uint32Array(colors.buffer);
    const pixels = new Uint32Array(this.classes.length);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colorWords[this.classes[i]];
    return new ImageData(new Uint8ClampedArray(pixels.buffer), this.width, this.height);
  }

  /**
   * The classes as an `r8uint` texture on the engine's device, made when first asked for, and anew after a loss.
   *
   * @throws ArgumentError for a mask that was made without a GPU
   */
  get texture(): GPUTexture {
    if (!this.engine) throw new ArgumentError('a mask that was made without a GPU has no texture');
    const { device } = this.engine;
    if (this.#texture?.device !== device) {
      this.#texture = { device, texture: maskTexture(device, this.classes, this.width, this.height) };
    }
    return this.#texture.texture;
  }

  /** Frees the texture, if there is one. */
  dispose(): void {
    this.#texture?.texture.destroy();
    this.#texture = undefined;
  }
}
