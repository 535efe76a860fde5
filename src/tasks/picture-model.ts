import type { Engine } from '../engine';
import { ArgumentError } from '../errors';
import { PictureInput } from '../gpu/picture-input';
import type { Session } from '../gpu/session';
import type { Graph } from '../graph/graph';
import type { Model } from '../model';
import type { PictureSpec } from '../picture';
import { frameNow, keptFrame, type Picture, toFrame } from './picture';
import type { Decoder, PictureNetwork, PictureRun, Stage, Values } from './task';

/** The steps that a frame passes through in one session. */
export interface Pipeline<Outputs> {
  readonly session: Session;
  readonly input: PictureInput;
  readonly stage: Stage<Outputs>;
  /** Ends the counting of its memory. */
  readonly release: () => void;
}

interface MadePipeline<Outputs> {
  readonly session: Session;
  readonly made: Promise<Pipeline<Outputs>>;
  /** Known once it is made. */
  ready?: Pipeline<Outputs>;
}

/** A network on an engine whose input is a picture. Picture in, network and decoder are one submission. */
export class PictureModel<Outputs = Values> implements PictureNetwork<Outputs> {
  #pipeline: MadePipeline<Outputs> | undefined;

  private constructor(
    readonly engine: Engine,
    readonly model: Model,
    readonly spec: PictureSpec,
    private readonly decoder: Decoder<Outputs> | undefined,
  ) {}

  /**
   * @param decoder makes of the outputs what `run` returns; without one they are read back as they are
   * @throws ArgumentError when the network's input is no picture of the size that the spec says
   */
  static async load<Outputs = Values>(
    engine: Engine,
    graph: Graph,
    spec: PictureSpec,
    decoder?: Decoder<Outputs>,
  ): Promise<PictureModel<Outputs>> {
    checkPictureInput(graph, spec);
    const loaded = new PictureModel(engine, await engine.load(graph), spec, decoder);
    try {
      await loaded.model.guard(() => loaded.pipeline());
    } catch (error) {
      loaded.dispose();
      throw error;
    }
    return loaded;
  }

  /** Made once for each session, however many ask at the same time. */
  async pipeline(): Promise<Pipeline<Outputs>> {
    const session = await this.model.session();
    if (this.#pipeline?.session === session) return this.#pipeline.made;
    this.#drop();
    const pipeline: MadePipeline<Outputs> = { session, made: this.#make(session) };
    this.#pipeline = pipeline;
    // A failure is not kept: the next request tries again.
    pipeline.made.then(
      (made) => {
        pipeline.ready = made;
      },
      () => {
        if (this.#pipeline === pipeline) this.#pipeline = undefined;
      },
    );
    return pipeline.made;
  }

  async #make(session: Session): Promise<Pipeline<Outputs>> {
    const [input, stage] = await Promise.all([
      PictureInput.create(session, this.model.graph.inputs[0], this.spec),
      this.decoder?.onGpu(session) ?? (readBack(session) as Stage<Outputs>),
    ]);
    const release = this.model.hold(() => input.memoryBytes + stage.memoryBytes);
    return { session, input, stage, release };
  }

  run(picture: Picture): Promise<PictureRun<Outputs>> {
    const made = this.#pipeline?.ready;
    const ready = made?.session.device === this.model.liveDevice ? made : undefined;
    // The frame is that of the moment of the call: it is taken before anything is awaited, or kept.
    const keeping = ready ? undefined : keptFrame(picture);
    keeping?.catch(() => {});
    return this.model.guard(async () => {
      const { session, input, stage } = ready ?? (await this.pipeline());
      const kept = keeping ? await keeping : picture;
      const frame = frameNow(kept, input.takesVideo) ?? (await toFrame(kept, input.takesVideo));
      try {
        const encoder = session.device.createCommandEncoder();
        const placement = input.encode(encoder, frame);
        session.encode(encoder);
        const read = stage.encode(encoder, placement);
        session.device.queue.submit([encoder.finish()]);
        return { outputs: await read(), placement };
      } finally {
        for (const made of new Set([kept, frame])) if (made !== picture && 'close' in made) made.close();
      }
    });
  }

  dispose(): void {
    this.#drop();
    this.model.dispose();
  }

  #drop(): void {
    this.#pipeline?.made
      .then(({ input, stage, release }) => {
        release();
        input.dispose();
        stage.dispose();
      })
      .catch(() => {});
    this.#pipeline = undefined;
  }
}

const readBack = (session: Session): Stage<Values> => ({
  memoryBytes: 0,
  encode: (encoder) => session.encodeReadback(encoder),
  dispose: () => {},
});

/** @throws ArgumentError when the graph's first input cannot take pictures, or not of the size that the spec gives them */
export function checkPictureInput({ inputs: [input], values }: Graph, { size }: PictureSpec): void {
  const { shape = [], dtype } = values.get(input) ?? {};
  const fits = shape.length === 4 && shape[0] === 1 && (shape[1] === 3 || shape[3] === 3);
  if (!fits || dtype !== 'float32') {
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
