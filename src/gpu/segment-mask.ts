import wgsl from '../../shaders/segment-mask.wgsl?raw';
import type { Placement } from '../picture';
import { compileShader } from './errors';
import { BufferUsage, COMPUTE_STAGE, TextureUsage } from './flags';
import { ceilDiv, roundUp, view } from './kernel';
import { ReadbackRing } from './readback';
import type { Session } from './session';
import { defineShader, packParams, shaderText } from './shader';

const shader = defineShader('segment-mask', wgsl);

/** Rows of a buffer that is copied to a texture start at multiples of this. */
const ROW_ALIGNMENT = 256;

/** What depends on the picture's size. */
interface Target {
  readonly width: number;
  readonly height: number;
  readonly rowBytes: number;
  readonly buffer: GPUBuffer;
  readonly bindGroup: GPUBindGroup;
  readonly ring: ReadbackRing;
}

/** Turns a session's logits into a class for each pixel of the picture, on the GPU. */
export class MaskDecoder {
  readonly #uniforms: GPUBuffer;
  #target: Target | undefined;

  private constructor(
    readonly session: Session,
    private readonly logits: string,
    private readonly pipeline: GPUComputePipeline,
    private readonly layout: GPUBindGroupLayout,
  ) {
    this.#uniforms = session.device.createBuffer({
      label: 'mask parameters',
      size: shader.params.sizeBytes,
      usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
    });
  }

  /** @param logits name of the graph output `[1, classes, h, w]` */
  static async create(session: Session, logits: string): Promise<MaskDecoder> {
    const { device } = session;
    const module = await compileShader(device, shader, shaderText(shader, session.plan.precision));
    const layout = device.createBindGroupLayout({
      entries: shader.bindings.map(({ index, type }) => ({
        binding: index,
        visibility: COMPUTE_STAGE,
        buffer: { type },
      })),
    });
    const pipeline = await device.createComputePipelineAsync({
      label: shader.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    return new MaskDecoder(session, logits, pipeline, layout);
  }

  get memoryBytes(): number {
    return this.#uniforms.size + (this.#target ? this.#target.buffer.size + this.#target.ring.totalBytes : 0);
  }

  /**
   * Records the launch for a picture of this size. The returned function, called after the submission, waits for the
   * classes, `[height, width]`.
   */
  encode(encoder: GPUCommandEncoder, { width, height, inputSize, source, target: region }: Placement) {
    const target = this.#targetFor(width, height);
    const { device } = this.session;
    const desc = this.session.plan.tensors.get(this.logits)!;
    const [, channels, inHeight, inWidth] = desc.shape;
    const [scaleY, scaleX] = [inHeight / inputSize[0], inWidth / inputSize[1]];
    const params = {
      logits: view(desc),
      source: [source.x, source.y, source.width, source.height],
      region: [region.x * scaleX, region.y * scaleY, region.width * scaleX, region.height * scaleY],
      in_width: inWidth,
      in_height: inHeight,
      width,
      height,
      row_words: target.rowBytes / 4,
      channels,
    };
    device.queue.writeBuffer(this.#uniforms, 0, packParams(shader, params) as Uint8Array<ArrayBuffer>);
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, target.bindGroup);
    pass.dispatchWorkgroups(ceilDiv(target.rowBytes / 4, 8), ceilDiv(height, 8));
    pass.end();
    const staging = target.ring.take();
    encoder.copyBufferToBuffer(target.buffer, 0, staging, 0, staging.size);
    return async (): Promise<Uint8Array> => {
      const bytes = new Uint8Array(await target.ring.read(staging));
      const classes = new Uint8Array(width * height);
      for (let row = 0; row < height; row++) {
        classes.set(bytes.subarray(row * target.rowBytes, row * target.rowBytes + width), row * width);
      }
      return classes;
    };
  }

  dispose(): void {
    this.#uniforms.destroy();
    this.#disposeTarget();
  }

  #targetFor(width: number, height: number): Target {
    if (this.#target?.width === width && this.#target.height === height) return this.#target;
    this.#disposeTarget();
    const { device } = this.session;
    const rowBytes = roundUp(width, ROW_ALIGNMENT);
    const buffer = device.createBuffer({
      label: 'mask',
      size: rowBytes * height,
      usage: BufferUsage.STORAGE | BufferUsage.COPY_SRC,
    });
    const bindGroup = device.createBindGroup({
      layout: this.layout,
      entries: [
        { binding: 0, resource: this.session.range(this.logits) },
        { binding: 1, resource: { buffer } },
        { binding: 2, resource: { buffer: this.#uniforms } },
      ],
    });
    this.#target = { width, height, rowBytes, buffer, bindGroup, ring: new ReadbackRing(device, buffer.size) };
    return this.#target;
  }

  #disposeTarget(): void {
    this.#target?.buffer.destroy();
    this.#target?.ring.dispose();
    this.#target = undefined;
  }
}

/** An `r8uint` texture of class indices, for drawing; the caller destroys it. */
export function maskTexture(device: GPUDevice, classes: Uint8Array, width: number, height: number): GPUTexture {
  const texture = device.createTexture({
    label: 'mask',
    size: [width, height],
    format: 'r8uint',
    usage: TextureUsage.COPY_DST | TextureUsage.TEXTURE_BINDING,
  });
  device.queue.writeTexture({ texture }, classes as Uint8Array<ArrayBuffer>, { bytesPerRow: width }, [width, height]);
  return texture;
}
