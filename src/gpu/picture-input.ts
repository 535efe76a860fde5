import pictureWgsl from '../../shaders/picture.wgsl?raw';
import externalWgsl from '../../shaders/picture-external.wgsl?raw';
import { ArgumentError } from '../errors';
import { checkPixels, type PictureSpec, type Placement, placePicture, type RawPicture, shrunk } from '../picture';
import { canvasPixels, srgbPixels } from './canvas-pixels';
import { FixedPass, placementParams } from './fixed-pass';
import { TextureUsage } from './flags';
import { ceilDiv } from './layout';
import type { Session } from './session';
import { defineShader } from './shader';

const shaders = {
  picture: defineShader('picture', pictureWgsl),
  external: defineShader('picture-external', externalWgsl),
};

/** A picture that can be put on the GPU without waiting, or is there already: a texture of the engine's device. */
export type Frame =
  | HTMLVideoElement
  | VideoFrame
  | ImageBitmap
  | HTMLCanvasElement
  | OffscreenCanvas
  | RawPicture
  | GPUTexture;

/** Formats whose numbers are a picture's as they are: 0..1, not linear light. */
const TEXTURE_FORMATS: readonly GPUTextureFormat[] = ['rgba8unorm', 'bgra8unorm', 'rgba16float', 'rgb10a2unorm'];

export const isVideo = (frame: unknown): frame is HTMLVideoElement | VideoFrame =>
  (typeof HTMLVideoElement !== 'undefined' && frame instanceof HTMLVideoElement) ||
  (typeof VideoFrame !== 'undefined' && frame instanceof VideoFrame);

export const isRaw = (frame: Frame): frame is RawPicture => 'data' in frame;

export const isTexture = (frame: Frame): frame is GPUTexture => 'createView' in frame;

/** Width and height in pixels, as shown. */
export function frameSize(frame: Frame): [width: number, height: number] {
  if ('videoWidth' in frame) return [frame.videoWidth, frame.videoHeight];
  if ('displayWidth' in frame) return [frame.displayWidth, frame.displayHeight];
  return [frame.width, frame.height];
}

/**
 * A shader that reads frames, in two variants. The one for video reads an external texture: nothing is copied, but each
 * frame needs a new bind group. The other reads a texture, to which frames are copied.
 */
export class FrameReader<Pipeline> {
  /** Kept as long as frames keep their size. */
  #texture: GPUTexture | undefined;

  private constructor(
    private readonly device: GPUDevice,
    private readonly ofTexture: FixedPass<Pipeline>,
    private readonly ofVideo: FixedPass<Pipeline> | undefined,
  ) {}

  /** @param readsVideo false: frames of video are copied to a texture, too */
  static async create<Pipeline>(
    device: GPUDevice,
    make: (kind: 'picture' | 'external') => Promise<FixedPass<Pipeline>>,
    readsVideo = true,
  ): Promise<FrameReader<Pipeline>> {
    // Without video there is nothing to import, and not every implementation has external textures.
    const hasVideo = readsVideo && (typeof VideoFrame !== 'undefined' || typeof HTMLVideoElement !== 'undefined');
    const [ofTexture, ofVideo] = await Promise.all([
      make('picture'),
      hasVideo && 'importExternalTexture' in device ? make('external').catch(() => undefined) : undefined,
    ]);
    return new FrameReader(device, ofTexture, ofVideo);
  }

  get memoryBytes(): number {
    const { width = 0, height = 0 } = this.#texture ?? {};
    return this.ofTexture.memoryBytes + (this.ofVideo?.memoryBytes ?? 0) + width * height * 4;
  }

  /** Whether it takes frames of video; if not, make bitmaps of them first. */
  get takesVideo(): boolean {
    return this.ofVideo !== undefined;
  }

  /**
   * Queues a frame. Returns the shader that reads it and its `picture`, which for video expires with the current task.
   *
   * A picture that is too large for a texture is made smaller.
   *
   * @throws ArgumentError when its bytes do not match its size, and when the browser does not let it be read
   */
  take(frame: Frame): { pass: FixedPass<Pipeline>; picture: GPUTexture | GPUExternalTexture } {
    if (isTexture(frame)) return { pass: this.ofTexture, picture: checkTexture(frame) };
    if (this.ofVideo && isVideo(frame)) {
      try {
        return { pass: this.ofVideo, picture: this.device.importExternalTexture({ source: frame }) };
      } catch {
        // A video that was never played can only be drawn.
      }
    }
    return { pass: this.ofTexture, picture: this.#copy(frame) };
  }

  dispose(): void {
    this.#texture?.destroy();
    this.ofTexture.dispose();
    this.ofVideo?.dispose();
  }

  #copy(frame: Exclude<Frame, GPUTexture>): GPUTexture {
    const limit = this.device.limits.maxTextureDimension2D;
    if (isRaw(frame)) return this.#upload(shrunk(checkPixels(srgbPixels(frame)), limit));
    const [width, height] = frameSize(frame);
    const scale = Math.min(1, limit / Math.max(width, height));
    const size = [Math.ceil(width * scale), Math.ceil(height * scale)] as const;
    if (scale < 1) return this.#upload(canvasPixels(frame, size));
    try {
      return this.#upload(frame);
    } catch (cause) {
      // Chromium does not copy images with 16 bits a channel, for instance.
      return this.#upload(canvasPixels(frame, size, cause));
    }
  }

  #upload(frame: Exclude<Frame, GPUTexture>): GPUTexture {
    const { device } = this;
    const size = frameSize(frame);
    const [width, height] = size;
    if (this.#texture?.width !== width || this.#texture.height !== height) {
      this.#texture?.destroy();
      const usage = TextureUsage.COPY_DST | TextureUsage.TEXTURE_BINDING | TextureUsage.RENDER_ATTACHMENT;
      this.#texture = device.createTexture({ label: 'picture', size, format: 'rgba8unorm', usage });
    }
    const texture = this.#texture;
    if (isRaw(frame)) {
      const data = frame.data as Uint8Array<ArrayBuffer>;
      device.queue.writeTexture({ texture }, data, { bytesPerRow: width * 4 }, size);
    } else {
      device.queue.copyExternalImageToTexture({ source: frame }, { texture }, size);
    }
    return texture;
  }
}

/** @throws ArgumentError for a texture that cannot be read as a picture */
function checkTexture(texture: GPUTexture): GPUTexture {
  const { format, usage, dimension, depthOrArrayLayers, sampleCount } = texture;
  if (!TEXTURE_FORMATS.includes(format)) {
    throw new ArgumentError(`a picture's texture must be ${TEXTURE_FORMATS.join(', ')}, got ${format}`);
  }
  if (!(usage & TextureUsage.TEXTURE_BINDING)) {
    throw new ArgumentError(`a picture's texture must have the usage TEXTURE_BINDING, has ${usage}`);
  }
  if (dimension !== '2d' || depthOrArrayLayers !== 1 || sampleCount !== 1) {
    throw new ArgumentError(
      `a picture's texture must be 2d, of one layer and one sample, got ${dimension}, ${depthOrArrayLayers} and ${sampleCount}`,
    );
  }
  return texture;
}

/** Puts pictures into a session's input: one shader crops or letterboxes, resizes, normalises and lays out. */
export class PictureInput {
  private constructor(
    readonly session: Session,
    private readonly input: string,
    readonly spec: PictureSpec,
    readonly frames: FrameReader<GPUComputePipeline>,
  ) {}

  /** @param input name of the graph input that takes the picture: `[1, 3, H, W]` or `[1, H, W, 3]` */
  static async create(session: Session, input: string, spec: PictureSpec): Promise<PictureInput> {
    const storage = session.plan.precision;
    const { filter = 'bilinear' } = spec;
    const other = filter === 'bilinear' ? undefined : await import('./picture-filtered');
    const constants = other && { FILTER: other.FILTER_NUMBERS[filter] };
    const frames = await FrameReader.create(
      session.device,
      (kind) => FixedPass.create(session.pipelines, other?.filtered ?? shaders[kind], { storage, constants }),
      // The other filters' shader reads textures alone.
      !other,
    );
    return new PictureInput(session, input, spec, frames);
  }

  get memoryBytes(): number {
    return this.frames.memoryBytes;
  }

  get takesVideo(): boolean {
    return this.frames.takesVideo;
  }

  /**
   * Queues a frame and records the launch that writes it into the input. If the frame is video, submit it in the same
   * task.
   *
   * @returns which part of the picture went where
   * @throws DisposedError if the session was disposed, ArgumentError if the picture does not fit
   */
  encode(encoder: GPUCommandEncoder, frame: Frame, mirror = false): Placement {
    this.session.throwIfDisposed();
    const [width, height] = frameSize(frame);
    const placement = placePicture(width, height, this.spec);
    const taken = this.frames.take(frame);
    const { picture } = taken;
    const seen = 'width' in picture ? placePicture(picture.width, picture.height, this.spec) : placement;
    this.record(encoder, taken, seen, mirror);
    return placement;
  }

  /** Records the launch that writes a frame that was taken. @param part where the part of it that is seen lies, as four float32 */
  record(
    encoder: GPUCommandEncoder,
    { pass, picture }: ReturnType<FrameReader<GPUComputePipeline>['take']>,
    placement: Placement,
    mirror = false,
    part?: { readonly buffer: GPUBuffer; readonly offset: number },
  ): void {
    pass.encode(
      encoder,
      { picture, y: this.session.range(this.input) },
      this.#params(placement, mirror),
      this.#grid(),
      part,
    );
  }

  dispose(): void {
    this.frames.dispose();
  }

  #grid() {
    return [ceilDiv(this.spec.size[1], 8), ceilDiv(this.spec.size[0], 8)] as const;
  }

  #params(placement: Placement, mirror: boolean) {
    const { mean, std, size, bars = 0.5, channels = 'rgb' } = this.spec;
    const desc = this.session.plan.tensors.get(this.input)!;
    const channelsFirst = desc.shape[1] === 3;
    const [, a, b, c] = desc.strides;
    return {
      ...placementParams(placement),
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
}
