import wgsl from '../../shaders/segment-mask.wgsl?raw';
import { ArgumentError } from '../errors';
import type { Placement } from '../picture';
import { FixedPass, placementParams } from './fixed-pass';
import { BufferUsage } from './flags';
import { ceilDiv, roundUp, type TensorDesc, view } from './layout';
import { ReadbackRing } from './readback';
import type { BufferRange, Session } from './session';
import { defineShader } from './shader';

const shader = defineShader('segment-mask', wgsl);

/** WebGPU wants rows at multiples of this in a buffer that is copied to a texture. */
const ROW_ALIGNMENT = 256;

/** Everything that depends on the picture's size. */
interface Target {
  readonly width: number;
  readonly height: number;
  readonly rowBytes: number;
  readonly range: BufferRange;
  readonly ring: ReadbackRing;
}

/** Parameters of shaders that find the class of a pixel from logits `[1, classes, h, w]`. */
export function maskParams(logits: TensorDesc, placement: Placement) {
  const [, channels, height, width] = logits.shape;
  return {
    logits: view(logits),
    ...placementParams(placement, [height, width]),
    in_width: width,
    in_height: height,
    channels,
  };
}

/** Turns a session's logits into a class for each pixel of the picture, on the GPU. */
export class MaskDecoder {
  #target: Target | undefined;

  private constructor(
    readonly session: Session,
    private readonly logits: string,
    private readonly pass: FixedPass,
  ) {}

  /**
   * @param logits name of the graph output `[1, classes, h, w]`
   * @throws ArgumentError when the network ends with an operator that writes it row-major, which the shader cannot read
   */
  static async create(session: Session, logits: string): Promise<MaskDecoder> {
    const { layout } = session.plan.tensors.get(logits)!;
    if (layout !== 'nhwc4') {
      const last = session.plan.graph.nodes.find(({ outputs }) => outputs.includes(logits));
      throw new ArgumentError(
        `masks are made from images, but "${logits}" is written row-major by ${last?.op ?? 'no operator'}: end with a convolution`,
      );
    }
    const pass = await FixedPass.create(session.pipelines, shader, { storage: session.plan.precision });
    return new MaskDecoder(session, logits, pass);
  }

  get memoryBytes(): number {
    return this.pass.memoryBytes + (this.#target ? this.#target.range.size + this.#target.ring.totalBytes : 0);
  }

  /**
   * Records the launch for a picture of this size. The returned function, called after the submission, waits for the
   * classes, `[height, width]`.
   */
  encode(encoder: GPUCommandEncoder, placement: Placement) {
    const { width, height } = placement;
    const { session, logits } = this;
    const target = this.#targetFor(width, height);
    const rowWords = target.rowBytes / 4;
    const desc = session.plan.tensors.get(logits)!;
    this.pass.encode(
      encoder,
      { logits: session.range(logits), y: target.range },
      { ...maskParams(desc, placement), width, height, row_words: rowWords },
      [ceilDiv(rowWords, 8), ceilDiv(height, 8)],
    );
    const staging = target.ring.take();
    encoder.copyBufferToBuffer(target.range.buffer, 0, staging, 0, staging.size);
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
    this.pass.dispose();
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
    const range = { buffer, offset: 0, size: buffer.size };
    this.#target = { width, height, rowBytes, range, ring: new ReadbackRing(device, buffer.size) };
    return this.#target;
  }

  #disposeTarget(): void {
    this.#target?.range.buffer.destroy();
    this.#target?.ring.dispose();
    this.#target = undefined;
  }
}
