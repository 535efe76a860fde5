import type { Engine } from '../engine';
import { checkPictureInput, frameSize, PictureInput } from '../gpu/picture-input';
import type { Session } from '../gpu/session';
import type { Graph } from '../graph/graph';
import type { Model } from '../model';
import type { PictureSpec, Placement } from '../picture';
import type { Tensor } from '../tensor';
import { PerSession } from './per-session';
import { type Picture, toFrame } from './picture';

export interface PictureRun {
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly placement: Placement;
  readonly width: number;
  readonly height: number;
}

/** Records work behind the network, into the same submission; what it returns waits for the result. */
export type ExtraWork<Result> = (
  encoder: GPUCommandEncoder,
  placement: Placement,
  size: readonly [width: number, height: number],
) => () => Promise<Result>;

/** A network whose input is a picture. The base of the three tasks. */
export class PictureModel {
  readonly #inputs = new PerSession(async (session) => {
    const [name] = this.model.graph.inputs;
    checkPictureInput(session, name, this.spec);
    const input = await PictureInput.create(session, name, this.spec);
    this.model.hold('picture', () => input.memoryBytes);
    return input;
  });

  private constructor(
    readonly engine: Engine,
    readonly model: Model,
    readonly spec: PictureSpec,
  ) {}

  static async load(engine: Engine, graph: Graph, spec: PictureSpec): Promise<PictureModel> {
    const model = await engine.load(graph);
    const loaded = new PictureModel(engine, model, spec);
    try {
      await model.guard(() => loaded.input());
    } catch (error) {
      loaded.dispose();
      throw error;
    }
    return loaded;
  }

  /** The session's picture input; made anew when the device was. */
  async input(): Promise<PictureInput> {
    return this.#inputs.get(await this.model.session());
  }

  /** Runs the network on a picture and reads its outputs back. @throws ArgumentError, DeviceLostError, DisposedError */
  run(picture: Picture): Promise<PictureRun> {
    return this.runWith(picture, async (session) => (encoder, placement, [width, height]) => {
      const readback = session.encodeReadback(encoder);
      return async () => ({ outputs: await readback(), placement, width, height });
    });
  }

  /**
   * Runs the network on a picture and further work on what comes out, in one submission.
   *
   * @param prepare makes that work for the session of the moment
   * @throws ArgumentError, DeviceLostError, DisposedError
   */
  runWith<Result>(picture: Picture, prepare: (session: Session) => Promise<ExtraWork<Result>>): Promise<Result> {
    return this.model.guard(async () => {
      const input = await this.input();
      const { session } = input;
      session.throwIfDisposed();
      const work = await prepare(session);
      const frame = await toFrame(picture, input.takesVideo);
      try {
        const encoder = session.device.createCommandEncoder();
        const placement = input.encode(encoder, frame);
        session.encode(encoder);
        const read = work(encoder, placement, frameSize(frame));
        session.device.queue.submit([encoder.finish()]);
        return read();
      } finally {
        if (frame !== picture && 'close' in frame) frame.close();
      }
    });
  }

  dispose(): void {
    this.#inputs.dispose();
    this.model.dispose();
  }
}
