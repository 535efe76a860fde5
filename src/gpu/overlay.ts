import boxesWgsl from '../../shaders/draw-boxes.wgsl?raw';
import maskWgsl from '../../shaders/draw-mask.wgsl?raw';
import pictureWgsl from '../../shaders/draw-picture.wgsl?raw';
import externalWgsl from '../../shaders/draw-picture-external.wgsl?raw';
import type { Placement } from '../picture';
import { compileShader } from './errors';
import { BufferUsage } from './flags';
import { type TensorDesc, view } from './kernel';
import { type Frame, FrameTexture, isVideo } from './picture-input';
import type { Precision } from './plan';
import type { BufferRange } from './session';
import { defineShader, type ParamValues, packParams, type Shader, shaderText } from './shader';

const shaders = {
  picture: defineShader('draw-picture', pictureWgsl),
  external: defineShader('draw-picture-external', externalWgsl),
  mask: defineShader('draw-mask', maskWgsl),
  boxes: defineShader('draw-boxes', boxesWgsl),
};

const VERTEX_AND_FRAGMENT = 0x1 | 0x2;
const FRAGMENT = 0x2;
/** Four sides, two triangles each. */
const BOX_VERTICES = 24;

/** A tensor of a session, where it lies. */
export interface TensorSource {
  readonly desc: TensorDesc;
  readonly range: BufferRange;
  readonly precision: Precision;
}

/** Draws a picture over a whole canvas: video from where the decoder left it, anything else from a copy on the GPU. */
export class PictureDrawing {
  readonly #frames: FrameTexture;

  private constructor(
    private readonly device: GPUDevice,
    private readonly drawing: Drawing,
    private readonly external: Drawing | undefined,
  ) {
    this.#frames = new FrameTexture(device);
  }

  /** @param format of the texture that is drawn to */
  static async create(device: GPUDevice, format: GPUTextureFormat): Promise<PictureDrawing> {
    const make = (shader: Shader, texture: Partial<GPUBindGroupLayoutEntry>): Promise<Drawing> =>
      makeDrawing(device, shader, 'f32', format, [{ binding: 0, visibility: FRAGMENT, ...texture }]);
    const [drawing, external] = await Promise.all([
      make(shaders.picture, { texture: { sampleType: 'float' } }),
      'importExternalTexture' in device
        ? make(shaders.external, { externalTexture: {} }).catch(() => undefined)
        : undefined,
    ]);
    return new PictureDrawing(device, drawing, external);
  }

  get memoryBytes(): number {
    return this.#frames.memoryBytes;
  }

  /** What draws this frame, as often as wanted. Must be submitted in the same task: video is only there that long. */
  take(frame: Frame): (pass: GPURenderPassEncoder) => void {
    const { device } = this;
    const [{ pipeline, layout }, resource] =
      this.external && isVideo(frame)
        ? [this.external, device.importExternalTexture({ source: frame })]
        : [this.drawing, this.#frames.put(frame).createView()];
    const bindGroup = device.createBindGroup({ layout, entries: [{ binding: 0, resource }] });
    return (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.draw(3);
    };
  }

  dispose(): void {
    this.#frames.dispose();
  }
}

/** Draws the classes of a segmenter over what is there, from its logits `[1, classes, h, w]`. */
export class MaskDrawing {
  private constructor(
    private readonly source: TensorSource,
    private readonly bound: BoundDrawing,
  ) {}

  static async create(device: GPUDevice, logits: TensorSource, format: GPUTextureFormat): Promise<MaskDrawing> {
    return new MaskDrawing(logits, await bindDrawing(device, shaders.mask, logits.precision, format, [logits.range]));
  }

  encode(pass: GPURenderPassEncoder, { inputSize, source, target }: Placement, opacity: number): void {
    const [, channels, inHeight, inWidth] = this.source.desc.shape;
    const [scaleY, scaleX] = [inHeight / inputSize[0], inWidth / inputSize[1]];
    this.bound.encode(
      pass,
      {
        logits: view(this.source.desc),
        source: [source.x, source.y, source.width, source.height],
        region: [target.x * scaleX, target.y * scaleY, target.width * scaleX, target.height * scaleY],
        in_width: inWidth,
        in_height: inHeight,
        channels,
        opacity,
      },
      3,
    );
  }

  dispose(): void {
    this.bound.dispose();
  }
}

/** Draws the boxes of a detector over what is there, from its `detections` `[M, 6]` and how many rows count. */
export class BoxDrawing {
  private constructor(
    private readonly source: TensorSource,
    private readonly bound: BoundDrawing,
  ) {}

  static async create(
    device: GPUDevice,
    detections: TensorSource,
    count: BufferRange,
    format: GPUTextureFormat,
  ): Promise<BoxDrawing> {
    const ranges = [detections.range, count];
    return new BoxDrawing(detections, await bindDrawing(device, shaders.boxes, detections.precision, format, ranges));
  }

  encode(pass: GPURenderPassEncoder, placement: Placement, threshold: number): void {
    const { width, height, source, target } = placement;
    const [inHeight, inWidth] = placement.inputSize;
    const params = {
      source: [source.x, source.y, source.width, source.height],
      region: [target.x / inWidth, target.y / inHeight, target.width / inWidth, target.height / inHeight],
      size: [width, height],
      threshold,
      thickness: Math.max(2, Math.max(width, height) / 130),
      offset: this.source.desc.offset,
    };
    this.bound.encode(pass, params, BOX_VERTICES, this.source.desc.shape[0]);
  }

  dispose(): void {
    this.bound.dispose();
  }
}

interface Drawing {
  readonly pipeline: GPURenderPipeline;
  readonly layout: GPUBindGroupLayout;
}

async function makeDrawing(
  device: GPUDevice,
  shader: Shader,
  precision: Precision,
  format: GPUTextureFormat,
  entries: GPUBindGroupLayoutEntry[],
): Promise<Drawing> {
  const module = await compileShader(device, shader, shaderText(shader, precision));
  const layout = device.createBindGroupLayout({ entries });
  const over = { srcFactor: 'one', dstFactor: 'one-minus-src-alpha' } as const;
  const pipeline = await device.createRenderPipelineAsync({
    label: shader.name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    vertex: { module, entryPoint: 'vertex_main' },
    fragment: { module, entryPoint: 'fragment_main', targets: [{ format, blend: { color: over, alpha: over } }] },
  });
  return { pipeline, layout };
}

/** A drawing with its buffers: everything that a frame needs is made once. */
interface BoundDrawing {
  encode(pass: GPURenderPassEncoder, params: ParamValues, vertices: number, instances?: number): void;
  dispose(): void;
}

/** @param ranges of the shader's storage buffers, in order */
async function bindDrawing(
  device: GPUDevice,
  shader: Shader,
  precision: Precision,
  format: GPUTextureFormat,
  ranges: readonly BufferRange[],
): Promise<BoundDrawing> {
  const entries = shader.bindings.map(({ index, type }) => ({
    binding: index,
    visibility: VERTEX_AND_FRAGMENT,
    buffer: { type },
  }));
  const { pipeline, layout } = await makeDrawing(device, shader, precision, format, entries);
  const uniforms = device.createBuffer({
    label: `${shader.name} parameters`,
    size: shader.params.sizeBytes,
    usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
  });
  const bindGroup = device.createBindGroup({
    layout,
    entries: [...ranges, { buffer: uniforms }].map((resource, binding) => ({ binding, resource })),
  });
  return {
    encode(pass, params, vertices, instances = 1) {
      device.queue.writeBuffer(uniforms, 0, packParams(shader, params) as Uint8Array<ArrayBuffer>);
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.draw(vertices, instances);
    },
    dispose: () => uniforms.destroy(),
  };
}
