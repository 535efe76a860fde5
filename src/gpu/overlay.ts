import boxesWgsl from '../../shaders/draw-boxes.wgsl?raw';
import maskWgsl from '../../shaders/draw-mask.wgsl?raw';
import pictureWgsl from '../../shaders/draw-picture.wgsl?raw';
import externalWgsl from '../../shaders/draw-picture-external.wgsl?raw';
import type { Placement } from '../picture';
import { FixedPass, placementParams } from './fixed-pass';
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

/** Draws frames over the whole canvas: video without a copy, anything else from a copy on the GPU. */
export async function drawPictures(pipelines: PipelineCache, format: GPUTextureFormat) {
  const frames = await FrameReader.create(pipelines.device, (kind) =>
    FixedPass.drawing(pipelines, shaders[kind], format),
  );
  return {
    memoryBytes: () => frames.memoryBytes,
    /** Returns a function that draws this frame. Call it any number of times before the current task ends. */
    take(frame: Frame): (canvas: GPURenderPassEncoder) => void {
      const { pass, picture } = frames.take(frame);
      return (canvas) => pass.draw(canvas, { picture }, {}, CANVAS);
    },
    dispose: () => frames.dispose(),
  };
}

/** Draws a segmenter's classes over the canvas, from its logits `[1, classes, h, w]`. */
export async function drawMasks(
  pipelines: PipelineCache,
  { desc, range, precision }: TensorSource,
  format: GPUTextureFormat,
) {
  const pass = await FixedPass.drawing(pipelines, shaders.mask, format, precision);
  return {
    draw(canvas: GPURenderPassEncoder, placement: Placement, { opacity = 0.6 }: { readonly opacity?: number }): void {
      pass.draw(canvas, { logits: range }, { ...maskParams(desc, placement), opacity }, CANVAS);
    },
    dispose: () => pass.dispose(),
  };
}

/** Draws a detector's boxes over the canvas, from its `detections` `[M, 6]` and the number of rows that count. */
export async function drawBoxes(
  pipelines: PipelineCache,
  { desc, range, precision }: TensorSource,
  count: BufferRange,
  format: GPUTextureFormat,
) {
  const pass = await FixedPass.drawing(pipelines, shaders.boxes, format, precision);
  return {
    draw(
      canvas: GPURenderPassEncoder,
      placement: Placement,
      { threshold = 0.5 }: { readonly threshold?: number },
    ): void {
      const { width, height } = placement;
      const params = {
        ...placementParams(placement, [1, 1]),
        size: [width, height],
        threshold,
        thickness: Math.max(2, Math.max(width, height) / 130),
        offset: desc.offset,
      };
      pass.draw(canvas, { detections: range, count }, params, [BOX_VERTICES, desc.shape[0]]);
    },
    dispose: () => pass.dispose(),
  };
}
