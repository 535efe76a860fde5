import pictureWgsl from '../../shaders/picture.wgsl?raw';
import externalWgsl from '../../shaders/picture-external.wgsl?raw';
import { ArgumentError } from '../errors';
import { type PictureSpec, type Placement, placePicture, type RawPicture } from '../picture';
import { compileShader } from './errors';
import { BufferUsage, COMPUTE_STAGE, TextureUsage } from './flags';
import { storageOf } from './host-data';
import { ceilDiv } from './kernel';
import type { Session } from './session';
import { defineShader, packParams, type Shader, shaderText } from './shader';

const shaders = {
  picture: defineShader('picture', pictureWgsl),
  external: defineShader('picture-external', externalWgsl),
};

/** What can be put on the GPU without waiting. */
export type Frame = HTMLVideoElement | VideoFrame | ImageBitmap | HTMLCanvasElement | OffscreenCanvas | RawPicture;

export const isVideo = (frame: unknown): frame is HTMLVideoElement | VideoFrame =>
  (typeof HTMLVideoElement !== 'undefined' && frame instanceof HTMLVideoElement) ||
  (typeof VideoFrame !== 'undefined' && frame instanceof VideoFrame);

const isRaw = (frame: Frame): frame is RawPicture => 'data' in frame;

/** Width and height in pixels, as shown. @throws ArgumentError for what is no picture, such as an address */
export function frameSize(frame: Frame): [width: number, height: number] {
  if (Object(frame) !== frame) {
    throw new ArgumentError(`a picture is an image, a video, a Blob or { data, width, height }, got ${frame}`);
  }
  if ('videoWidth' in frame) return [frame.videoWidth, frame.videoHeight];
  if ('displayWidth' in frame) return [frame.displayWidth, frame.displayHeight];
  return [frame.width, frame.height];
}

/** The texture that frames are copied to, kept as long as they keep their size. */
export class FrameTexture {
  #texture: GPUTexture | undefined;

  constructor(private readonly device: GPUDevice) {}

  get memoryBytes(): number {
    const { width = 0, height = 0 } = this.#texture ?? {};
    return width * height * 4;
  }

  /** Queues a frame into the texture. @throws ArgumentError when it is too large, or its bytes do not match its size */
  put(frame: Frame): GPUTexture {
    const { device } = this;
    const [width, height] = frameSize(frame);
    const limit = device.limits.maxTextureDimension2D;
    if (width > limit || height > limit) {
      throw new ArgumentError(
        `a picture may have at most ${limit} pixels a side on this device, got ${width} × ${height}`,
      );
    }
    if (this.#texture?.width !== width || this.#texture.height !== height) {
      this.dispose();
      this.#texture = device.createTexture({
        label: 'picture',
        size: [width, height],
        format: 'rgba8unorm',
        usage: TextureUsage.COPY_DST | TextureUsage.TEXTURE_BINDING | TextureUsage.RENDER_ATTACHMENT,
      });
    }
    const texture = this.#texture;
    if (isRaw(frame)) {
      if (frame.data.length !== width * height * 4) {
        throw new ArgumentError(
          `a picture of ${width} × ${height} needs ${width * height * 4} bytes of RGBA, got ${frame.data.length}`,
        );
      }
      const bytes = frame.data as Uint8Array<ArrayBuffer>;
      device.queue.writeTexture({ texture }, bytes, { bytesPerRow: width * 4 }, [width, height]);
    } else {
      device.queue.copyExternalImageToTexture({ source: frame }, { texture }, [width, height]);
    }
    return texture;
  }

  dispose(): void {
    this.#texture?.destroy();
    this.#texture = undefined;
  }
}

interface Variant {
  readonly shader: Shader;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/**
 * Puts pictures into a session's input: one shader crops or letterboxes, resizes, normalises and lays out. Video comes
 * in as an external texture, which needs a new bind group each frame; anything else goes through one texture that is
 * kept as long as pictures keep their size.
 */
export class PictureInput {
  readonly #uniforms: GPUBuffer;
  readonly #frames: FrameTexture;
  /** The texture that the bind group is for. */
  #bound: GPUTexture | undefined;
  #bindGroup: GPUBindGroup | undefined;

  private constructor(
    readonly session: Session,
    private readonly input: string,
    private readonly spec: PictureSpec,
    private readonly variants: { readonly picture: Variant; readonly external: Variant | undefined },
  ) {
    this.#frames = new FrameTexture(session.device);
    this.#uniforms = session.device.createBuffer({
      label: 'picture parameters',
      size: shaders.picture.params.sizeBytes,
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
  }

  /** @param input name of the graph input that takes the picture: `[1, 3, H, W]` or `[1, H, W, 3]` */
  static async create(session: Session, input: string, spec: PictureSpec): Promise<PictureInput> {
    const { device } = session;
    const makeVariant = async (shader: Shader, texture: Partial<GPUBindGroupLayoutEntry>): Promise<Variant> => {
      const module = await compileShader(device, shader, shaderText(shader, session.plan.precision));
      const layout = device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: COMPUTE_STAGE, ...texture },
          { binding: 1, visibility: COMPUTE_STAGE, buffer: { type: 'storage' } },
          { binding: 2, visibility: COMPUTE_STAGE, buffer: { type: 'uniform' } },
        ],
      });
      const pipeline = await device.createComputePipelineAsync({
        label: shader.name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      return { shader, pipeline, layout };
    };
    // Where there is no video there is nothing to import, and not every implementation has external textures.
    const hasVideo = typeof VideoFrame !== 'undefined' || typeof HTMLVideoElement !== 'undefined';
    const [picture, external] = await Promise.all([
      makeVariant(shaders.picture, { texture: { sampleType: 'float' } }),
      hasVideo && 'importExternalTexture' in device
        ? makeVariant(shaders.external, { externalTexture: {} }).catch(() => undefined)
        : undefined,
    ]);
    return new PictureInput(session, input, spec, { picture, external });
  }

  get memoryBytes(): number {
    return this.#uniforms.size + this.#frames.memoryBytes;
  }

  /** Whether frames of video can be taken as they are; otherwise they are to be made bitmaps first. */
  get takesVideo(): boolean {
    return this.variants.external !== undefined;
  }

  /**
   * Queues a frame and records the launch that writes it into the input. Must be submitted in the same task when the
   * frame is video.
   *
   * @returns which part of the picture went where
   * @throws DisposedError when the session is no more, ArgumentError for a picture that cannot be taken
   */
  encode(encoder: GPUCommandEncoder, frame: Frame, mirror = false): Placement {
    this.session.throwIfDisposed();
    const [width, height] = frameSize(frame);
    const placement = placePicture(width, height, this.spec);
    const video = this.takesVideo && isVideo(frame) ? frame : undefined;
    const { shader, pipeline, layout } = video ? this.variants.external! : this.variants.picture;
    const { device } = this.session;
    device.queue.writeBuffer(
      this.#uniforms,
      0,
      packParams(shader, this.#params(placement, mirror)) as Uint8Array<ArrayBuffer>,
    );
    const bindGroup = video
      ? this.#bind(layout, device.importExternalTexture({ source: video }))
      : this.#bindTexture(layout, this.#frames.put(frame));
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(ceilDiv(this.spec.size[1], 8), ceilDiv(this.spec.size[0], 8));
    pass.end();
    return placement;
  }

  dispose(): void {
    this.#uniforms.destroy();
    this.#frames.dispose();
  }

  #params({ source, target }: Placement, mirror: boolean) {
    const { mean, std, size, bars = 0.5, channels = 'rgb' } = this.spec;
    const desc = this.session.plan.tensors.get(this.input)!;
    const channelsFirst = desc.shape[1] === 3;
    const [, a, b, c] = desc.strides;
    return {
      source: [source.x, source.y, source.width, source.height],
      region: [target.x, target.y, target.width, target.height],
      mean: [...mean, 0],
      deviation: [...std, 1],
      strides: [...(channelsFirst ? [a, b, c] : [c, a, b]), desc.layout === 'nhwc4' && channelsFirst ? 4 : 3],
      size: [size[1], size[0]],
      offset: desc.offset,
      bars,
      bgr: Number(channels === 'bgr'),
      mirror: Number(mirror),
    };
  }

  #bindTexture(layout: GPUBindGroupLayout, texture: GPUTexture): GPUBindGroup {
    if (this.#bound !== texture || !this.#bindGroup) this.#bindGroup = this.#bind(layout, texture.createView());
    this.#bound = texture;
    return this.#bindGroup;
  }

  #bind(layout: GPUBindGroupLayout, resource: GPUTextureView | GPUExternalTexture): GPUBindGroup {
    return this.session.device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource },
        { binding: 1, resource: this.session.range(this.input) },
        { binding: 2, resource: { buffer: this.#uniforms } },
      ],
    });
  }
}

/** @throws ArgumentError when a session's input cannot take pictures, or not of the size that the spec gives them */
export function checkPictureInput(session: Session, input: string, { size }: PictureSpec): void {
  const desc = session.plan.tensors.get(input);
  const shape = desc?.shape ?? [];
  const fits = desc && shape.length === 4 && shape[0] === 1 && (shape[1] === 3 || shape[3] === 3);
  if (!fits || storageOf(desc.dtype, 'f32') !== 'f32') {
    throw new ArgumentError(
      `input "${input}" must be float32 [1, 3, H, W] or [1, H, W, 3] to take pictures, got [${shape}]`,
    );
  }
  const [height, width] = shape[1] === 3 ? shape.slice(2) : shape.slice(1);
  if (height !== size[0] || width !== size[1]) {
    throw new ArgumentError(
      `input "${input}" [${shape.join(', ')}] takes pictures of ${width} × ${height}, but is given ${size[1]} × ${size[0]}`,
    );
  }
}
