import boxesWgsl from '../../shaders/draw-boxes.wgsl?raw';
import maskWgsl from '../../shaders/draw-mask.wgsl?raw';
import pictureWgsl from '../../shaders/draw-picture.wgsl?raw';
import externalWgsl from '../../shaders/draw-picture-external.wgsl?raw';
import type { Placement } from '../picture';
import { type FixedDrawing, FixedPass, placementParams } from './fixed-pass';
import type { TensorDesc } from './layout';
import { type Frame, FrameReader } from './picture-input';
import type { PipelineCache } from './pipeline-cache';
import type { Precision } from './plan';
import { maskParams } from './segment-mask';
import type { BufferRange, Session } from './session';
import { defineShader } from './shader';

const shaders = {
  picture: defineShader('draw-picture', pictureWgsl),
  external: defineShader('draw-picture-external', externalWgsl),
  mask: defineShader('draw-mask', maskWgsl),
  boxes: defineShader('draw-boxes', boxesWgsl),
};

/** One triangle that covers the canvas. */
const CANVAS = [3] as const;
/** Four sides, two triangles each. */
const BOX_VERTICES = 24;

/** A tensor of a session and its memory. */
export interface TensorSource {
  readonly desc: TensorDesc;
  readonly range: BufferRange;
  readonly precision: Precision;
}

export function tensorSource(session: Session, value: string): TensorSource {
  const { tensors, precision } = session.plan;
  return { desc: tensors.get(value)!, range: session.range(value), precision };
}

/** Draws a picture over the whole canvas: video without a copy, anything else from a copy on the GPU. */
export class PictureDrawing {
  private constructor(private readonly frames: FrameReader<GPURenderPipeline>) {}

  /** @param format of the texture that is drawn to */
  static async create(pipelines: PipelineCache, format: GPUTextureFormat): Promise<PictureDrawing> {
    return new PictureDrawing(
      await FrameReader.create(pipelines.device, (kind) => FixedPass.drawing(pipelines, shaders[kind], format)),
    );
  }

  get memoryBytes(): number {
    return this.frames.memoryBytes;
  }

  /** Returns a function that draws this frame. Call it any number of times before the current task ends. */
  take(frame: Frame): (pass: GPURenderPassEncoder) => void {
    const { pass: drawing, picture } = this.frames.take(frame);
    return (pass) => drawing.draw(pass, { picture }, {}, CANVAS);
  }

  dispose(): void {
    this.frames.dispose();
  }
}

/** Draws a segmenter's classes over the canvas, from its logits `[1, classes, h, w]`. */
export class MaskDrawing {
  private constructor(
    private readonly logits: TensorSource,
    private readonly drawing: FixedDrawing,
  ) {}

  static async create(pipelines: PipelineCache, logits: TensorSource, format: GPUTextureFormat): Promise<MaskDrawing> {
    return new MaskDrawing(logits, await FixedPass.drawing(pipelines, shaders.mask, format, logits.precision));
  }

  draw(pass: GPURenderPassEncoder, placement: Placement, { opacity = 0.6 }: { readonly opacity?: number }): void {
    const { desc, range } = this.logits;
    const params = { ...maskParams(desc, placement), opacity };
    this.drawing.draw(pass, { logits: range }, params, CANVAS);
  }

  dispose(): void {
    this.drawing.dispose();
  }
}

/** Draws a detector's boxes over the canvas, from its `detections` `[M, 6]` and the number of rows that count. */
export class BoxDrawing {
  private constructor(
    private readonly detections: TensorSource,
    private readonly count: BufferRange,
    private readonly drawing: FixedDrawing,
  ) {}

  static async create(
    pipelines: PipelineCache,
    detections: TensorSource,
    count: BufferRange,
    format: GPUTextureFormat,
  ): Promise<BoxDrawing> {
    const drawing = await FixedPass.drawing(pipelines, shaders.boxes, format, detections.precision);
    return new BoxDrawing(detections, count, drawing);
  }

  draw(pass: GPURenderPassEncoder, placement: Placement, { threshold = 0.5 }: { readonly threshold?: number }): void {
    const { width, height } = placement;
    const { desc, range } = this.detections;
    const params = {
      ...placementParams(placement, [1, 1]),
      size: [width, height],
      threshold,
      thickness: Math.max(2, Math.max(width, height) / 130),
      offset: desc.offset,
    };
    this.drawing.draw(pass, { detections: range, count: this.count }, params, [BOX_VERTICES, desc.shape[0]]);
  }

  dispose(): void {
    this.drawing.dispose();
  }
}
