import boxesWgsl from '../../shaders/draw-boxes.wgsl?raw';
import fragmentWgsl from '../../shaders/draw-boxes-fragment.wgsl?raw';
import maskWgsl from '../../shaders/draw-mask.wgsl?raw';
import pictureWgsl from '../../shaders/draw-picture.wgsl?raw';
import externalWgsl from '../../shaders/draw-picture-external.wgsl?raw';
import type { Placement } from '../picture';
import { type FixedDrawing, FixedPass, placementParams } from './fixed-pass';
import { FRAGMENT_STAGE, VERTEX_STAGE } from './flags';
import type { TensorDesc } from './layout';
import { type Frame, FrameReader } from './picture-input';
import type { MakePipeline, PipelineCache } from './pipeline-cache';
import type { Precision } from './plan';
import { maskParams } from './segment-mask';
import type { BufferRange, Session } from './session';
import { defineShader, type Shader, type StorageType } from './shader';

const shaders = {
  picture: defineShader('draw-picture', pictureWgsl),
  external: defineShader('draw-picture-external', externalWgsl),
  mask: defineShader('draw-mask', maskWgsl),
  boxes: defineShader('draw-boxes', boxesWgsl),
  boxesByPixel: defineShader('draw-boxes-fragment', fragmentWgsl),
};

/** Premultiplied colour over what is there. */
const OVER: GPUBlendComponent = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' };

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

/**
 * A shader with `vertex_main` and `fragment_main`.
 *
 * @param format of the texture to draw to
 * @param stage the one that reads its bindings
 * @throws ShaderCompileError
 */
async function drawing(
  pipelines: PipelineCache,
  shader: Shader,
  format: GPUTextureFormat,
  { storage = 'f32', stage = FRAGMENT_STAGE }: { readonly storage?: StorageType; readonly stage?: number } = {},
): Promise<FixedDrawing> {
  const make: MakePipeline<GPURenderPipeline> = (module, common) =>
    pipelines.device.createRenderPipelineAsync({
      ...common,
      vertex: { module, entryPoint: 'vertex_main' },
      fragment: { module, entryPoint: 'fragment_main', targets: [{ format, blend: { color: OVER, alpha: OVER } }] },
    });
  return new FixedPass(pipelines.device, shader, await pipelines.cached({ shader, storage }, format, make, stage));
}

/** Draws frames over the whole canvas: video without a copy, anything else from a copy on the GPU. */
export async function drawPictures(pipelines: PipelineCache, format: GPUTextureFormat) {
  const frames = await FrameReader.create(pipelines.device, (kind) => drawing(pipelines, shaders[kind], format));
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
  const pass = await drawing(pipelines, shaders.mask, format, { storage: precision });
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
  // Browsers that do not know the limit have eight in every stage.
  const byPixel = pipelines.device.limits.maxStorageBuffersInVertexStage === 0;
  const [shader, stage] = byPixel ? [shaders.boxesByPixel, FRAGMENT_STAGE] : [shaders.boxes, VERTEX_STAGE];
  const pass = await drawing(pipelines, shader, format, { storage: precision, stage });
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
      pass.draw(canvas, { detections: range, count }, params, byPixel ? CANVAS : [BOX_VERTICES, desc.shape[0]]);
    },
    dispose: () => pass.dispose(),
  };
}
