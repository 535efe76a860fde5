import wgsl from '../../shaders/crop-boxes.wgsl?raw';
import { ArgumentError } from '../errors';
import { type Placement, placePicture } from '../picture';
import { FixedPass, placementParams } from './fixed-pass';
import { BufferUsage } from './flags';
import { ceilDiv } from './layout';
import { type Frame, frameSize, type PictureInput } from './picture-input';
import type { Session } from './session';
import { defineShader } from './shader';

const shader = defineShader('crop-boxes', wgsl);
const WORKGROUP = 64;
/** Four float32. */
const PART_BYTES = 16;

/**
 * Queues a frame and, for each of its parts, records the launch that stretches it over the whole input, and what `then`
 * records.
 *
 * @param parts where x, y, width and height lie, in pixels of the frame
 */
export function encodeParts(
  input: PictureInput,
  encoder: GPUCommandEncoder,
  frame: Frame,
  parts: readonly { readonly buffer: GPUBuffer; readonly offset: number }[],
  then: () => void,
): void {
  input.session.throwIfDisposed();
  const [width, height] = frameSize(frame);
  const taken = input.frames.take(frame);
  if ('width' in taken.picture && taken.picture.width !== width) {
    throw new ArgumentError(`a picture of ${width} × ${height} is too large a texture to be cut into parts`);
  }
  const placement = placePicture(width, height, { ...input.spec, fit: 'squash' });
  for (const part of parts) {
    input.record(encoder, taken, placement, false, part);
    then();
  }
}

/** How a box becomes the part of the picture that the next network sees. */
export interface CropOptions {
  /** At most this many parts, of the best boxes. */
  readonly most: number;
  /** What is added on each side, in sizes of the box. */
  readonly margin: number;
  /** Width to height of the next network's input. */
  readonly proportions: number;
}

/** Turns the boxes of a detector's session into parts of the picture, in a buffer that picture.wgsl's parameters are copied from. */
export class CropBoxes {
  readonly parts: GPUBuffer;

  private constructor(
    private readonly session: Session,
    private readonly pass: FixedPass,
    private readonly options: CropOptions,
  ) {
    const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC;
    this.parts = session.device.createBuffer({ label: 'parts', size: options.most * PART_BYTES, usage });
  }

  /** @param session of a graph with `detections`, of rows that are counted @throws ShaderCompileError */
  static async create(session: Session, options: CropOptions): Promise<CropBoxes> {
    const pass = await FixedPass.create(session.pipelines, shader, { storage: session.plan.precision });
    return new CropBoxes(session, pass, options);
  }

  get memoryBytes(): number {
    return this.parts.size + this.pass.memoryBytes;
  }

  /** Where a part lies, as `PictureInput` takes it. */
  part(rank: number): { readonly buffer: GPUBuffer; readonly offset: number } {
    return { buffer: this.parts, offset: rank * PART_BYTES };
  }

  /** Records the launch. @param placement of the picture in the detector's input */
  encode(encoder: GPUCommandEncoder, placement: Placement): void {
    const { session, parts, options } = this;
    const { tensors, graph } = session.plan;
    const desc = tensors.get('detections')!;
    const [rows] = desc.shape;
    const { width, height } = placement;
    const bindings = {
      detections: session.range('detections'),
      count: session.range(graph.rowCounts!.get('detections')!),
      parts: { buffer: parts, offset: 0, size: parts.size },
    };
    const place = { ...placementParams(placement, [1, 1]), size: [width, height] };
    const params = { ...place, ...options, offset: desc.offset, rows };
    this.pass.encode(encoder, bindings, params, [ceilDiv(Math.max(rows, options.most), WORKGROUP)]);
  }

  dispose(): void {
    this.parts.destroy();
    this.pass.dispose();
  }
}
