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

/** Records more work behind the network, into the same submission. */
export type ExtraWork = (
  encoder: GPUCommandEncoder,
  session: Session,
  placement: Placement,
  size: readonly [width: number, height: number],
) => void;

/** A network whose input is a picture. The base of the three tasks. */
export class PictureModel {
  readonly #inputs = new PerSession(async (session) => {
    const [name] = this.model.graph.inputs;
    checkPictureInput(session, name);
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
      await loaded.input();
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

  /**
   * Runs the network on a picture, with one submission, and reads its outputs back unless `extra` stands in for that.
   */
  async run(picture: Picture, extra?: ExtraWork): Promise<PictureRun> {
    const input = await this.input();
    const frame = await toFrame(picture, input.takesVideo);
    return this.model.guard(async () => {
      const { session } = input;
      const encoder = session.device.createCommandEncoder();
      const placement = input.encode(encoder, frame);
      session.encode(encoder);
      const [width, height] = frameSize(frame);
      extra?.(encoder, session, placement, [width, height]);
      const readback = extra ? undefined : session.encodeReadback(encoder);
      session.device.queue.submit([encoder.finish()]);
      if (frame !== picture && 'close' in frame) frame.close();
      return { outputs: (await readback?.()) ?? new Map(), placement, width, height };
    });
  }

  dispose(): void {
    this.#inputs.dispose();
    this.model.dispose();
  }
}
