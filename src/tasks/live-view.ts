/** `fovea/live`: a camera's frames answered and drawn on the GPU. An entry point of its own, for those who need it. */
import { ArgumentError, DeviceLostError, DisposedError } from '../errors';
import { drawPictures } from '../gpu/overlay';
import { type Frame, frameSize } from '../gpu/picture-input';
import { workDone } from '../gpu/readback';
import type { Placement } from '../picture';
import { frameNow, toFrame } from './picture';
import { PictureModel, type Pipeline } from './picture-model';
import type { Drawing, DrawOptions } from './task';
import type { VisionTask } from './vision-task';

/** The tasks that answer, all on one engine, under names of the caller's choice. */
export type LiveTasks = Readonly<Record<string, VisionTask<unknown, unknown> | undefined>>;

type LiveCanvas = HTMLCanvasElement | OffscreenCanvas;

/** Where tasks draw over the frame: `boxes`, `mask`. One canvas may be given for several. Their size becomes the frame's. */
export type LiveCanvases = Readonly<Record<string, LiveCanvas | undefined>>;

export interface LiveOptions extends DrawOptions {
  /** Whether answers are wanted as numbers, too. Default false: nothing is read back. */
  readonly numbers?: boolean;
}

/**
 * Answers by the tasks' names. A classifier gives its scores, for `topLabels`; a detector gives all its candidates, for
 * `aboveThreshold`; a segmenter gives nothing, since no picture comes back from the GPU.
 */
export type LiveNumbers<T extends LiveTasks = LiveTasks> = {
  readonly [K in keyof T]?: NonNullable<T[K]> extends VisionTask<infer Result, infer _> ? Result : never;
};

type LiveFrame = Exclude<Frame, { readonly data: unknown }>;

/** One task with what its frames go through. */
interface Answering extends Pipeline<unknown> {
  readonly name: string;
  readonly task: VisionTask<unknown, unknown>;
  readonly network: PictureModel<unknown>;
}

interface Surface {
  readonly context: GPUCanvasContext;
  /** From the lowest up. */
  readonly layers: readonly { readonly of: Answering; readonly drawing: Drawing }[];
}

/** Frames between two looks at the numbers. */
const FRAMES_PER_READING = 4;

/**
 * Answers video frame by frame, on a page or in a worker. A frame is one submission: pictures in, networks, canvases
 * drawn straight from the networks' buffers. No picture is read back.
 *
 * ```ts
 * const live = await LiveView.create({ detector, segmenter }, { boxes: canvas, mask: canvas });
 * await live.run(video, () => ({ threshold: 0.4 }));
 * ```
 */
export class LiveView<T extends LiveTasks = LiveTasks> {
  #disposed = false;
  /** Ends `run`'s wait for the next frame: a closed camera sends none. */
  #stopWaiting = (): void => {};
  readonly #release: () => void;

  private constructor(
    private readonly answering: readonly Answering[],
    private readonly picture: Awaited<ReturnType<typeof drawPictures>>,
    private readonly surfaces: readonly Surface[],
  ) {
    this.#release = answering[0].network.model.hold(picture.memoryBytes);
  }

  /**
   * @throws ArgumentError without a task, with tasks that are not on one engine, or with a canvas that no task draws on or
   * that WebGPU cannot draw on
   * @throws DeviceLostError: try again
   */
  static async create<T extends LiveTasks>(tasks: T, canvases: LiveCanvases = {}): Promise<LiveView<T>> {
    const given = Object.entries(tasks).flatMap(([name, task]) =>
      task ? [{ name, task, network: onEngine(task) }] : [],
    );
    if (given.length === 0) throw new ArgumentError('a live view needs a task');
    const [{ network: first }] = given;
    if (given.some(({ network }) => network.engine !== first.engine)) {
      throw new ArgumentError('the tasks of a live view must be on one engine');
    }
    return first.model.guard(async () => {
      const answering = await Promise.all(
        given.map(async ({ name, task, network }) => ({ name, task, network, ...(await network.pipeline()) })),
      );
      const { device, pipelines } = answering[0].session;
      if (answering.some(({ session }) => session.device !== first.engine.device)) {
        throw new DeviceLostError('the GPU device was lost while a live view was made');
      }
      const format = navigator.gpu.getPreferredCanvasFormat();
      const surfaces = await makeSurfaces(answering, canvases, format);
      const picture = await drawPictures(pipelines, format);
      for (const { context } of surfaces) context.configure({ device, format, alphaMode: 'opaque' });
      return new LiveView<T>(answering, picture, surfaces);
    });
  }

  /** Answers one frame, and waits until it is drawn. @throws DeviceLostError: make another live view; DisposedError */
  async show(frame: LiveFrame, options: LiveOptions = {}): Promise<LiveNumbers<T> | undefined> {
    const [{ network, session, input }] = this.answering;
    const taken = frameNow(frame, input.takesVideo) ?? (await toFrame(frame, input.takesVideo));
    try {
      return await network.model.guard(async () => {
        if (this.#disposed) throw new DisposedError('the live view was disposed');
        if (session.device !== network.engine.device) {
          throw new DeviceLostError('the GPU device of this live view was lost: make another one');
        }
        const read = this.#submit(taken, options);
        const [numbers] = await Promise.all([read?.(), workDone(session.device)]);
        return numbers;
      });
    } finally {
      if (taken !== frame && 'close' in taken) taken.close();
    }
  }

  /**
   * Answers a video until stopped; waits while the page is hidden.
   *
   * @param options asked anew for every frame
   * @param onNumbers called with a frame's answers in numbers, and the frame rate: every few frames, or for every one whose
   * options ask for `numbers`
   * @throws DeviceLostError: make another live view
   */
  async run(
    video: HTMLVideoElement,
    options: () => LiveOptions = () => ({}),
    onNumbers?: (numbers: LiveNumbers<T>, framesPerSecond: number) => void,
  ): Promise<void> {
    let [frames, start] = [0, performance.now()];
    /** Frames until the next look at the numbers; the first is looked at. */
    let wait = 1;
    while (!this.#disposed) {
      await new Promise<void>((resolve) => {
        this.#stopWaiting = resolve;
        onNextFrame(video, resolve);
      });
      if (this.#disposed || document.hidden || video.videoWidth === 0) continue;
      frames++;
      const asked = options();
      const numbersWanted = onNumbers !== undefined && (--wait <= 0 || asked.numbers === true);
      const numbers = await this.show(video, { ...asked, numbers: numbersWanted }).catch((error: unknown) => {
        // Nobody waits for the frame that was on its way when the view was disposed of.
        if (!this.#disposed) throw error;
        return undefined;
      });
      if (!numbers || this.#disposed) continue;
      const now = performance.now();
      onNumbers?.(numbers, (1000 * frames) / (now - start));
      [frames, start, wait] = [0, now, FRAMES_PER_READING];
    }
  }

  /** Ends `run` and frees the buffers for drawing; the tasks stay. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#stopWaiting();
    this.#release();
    this.picture.dispose();
    for (const { drawing } of this.surfaces.flatMap(({ layers }) => layers)) drawing.dispose();
  }

  #submit(frame: Frame, options: LiveOptions): (() => Promise<LiveNumbers<T>>) | undefined {
    const { device } = this.answering[0].session;
    const encoder = device.createCommandEncoder();
    const placements = new Map<Answering, Placement>();
    for (const one of this.answering) {
      placements.set(one, one.input.encode(encoder, frame));
      one.session.encode(encoder);
    }
    const drawFrame = this.surfaces.length > 0 ? this.picture.take(frame) : undefined;
    for (const { context, layers } of this.surfaces) {
      drawOn(encoder, context, frameSize(frame), (pass) => {
        drawFrame?.(pass);
        for (const { of, drawing } of layers) drawing.draw(pass, placements.get(of)!, options);
      });
    }
    // Outputs that have a decoder are whole pictures, which stay on the GPU.
    const wanted = options.numbers ? this.answering.filter(({ task }) => !task.task.decoder) : [];
    const reads = wanted.map((one) => {
      const placement = placements.get(one)!;
      const read = one.stage.encode(encoder, placement);
      return async () => [one.name, one.task.result({ outputs: await read(), placement })] as const;
    });
    device.queue.submit([encoder.finish()]);
    if (!options.numbers) return undefined;
    return async () => Object.fromEntries(await Promise.all(reads.map((read) => read()))) as LiveNumbers<T>;
  }
}

/** @throws ArgumentError for a task on another runner than an engine */
function onEngine({ task, network }: VisionTask<unknown, unknown>): PictureModel<unknown> {
  if (network instanceof PictureModel) return network;
  throw new ArgumentError(`a live view needs its tasks on an engine, and the one to ${task.name} is on the CPU`);
}

/** A surface for each canvas, with the layers of all tasks that draw on it. */
async function makeSurfaces(
  answering: readonly Answering[],
  canvases: LiveCanvases,
  format: GPUTextureFormat,
): Promise<Surface[]> {
  const drawn = answering
    .flatMap((of) => (of.task.task.layer ? [{ of, layer: of.task.task.layer }] : []))
    .sort((a, b) => a.layer.order - b.layer.order);
  for (const [name, canvas] of Object.entries(canvases)) {
    if (canvas && !drawn.some(({ layer }) => layer.canvas === name)) {
      throw new ArgumentError(`a live view has a canvas for "${name}", and no task that draws there`);
    }
  }
  const shown = new Set(Object.values(canvases).filter((canvas) => canvas !== undefined));
  return Promise.all(
    [...shown].map(async (canvas) => {
      const context = canvas.getContext('webgpu') as GPUCanvasContext | null;
      if (!context) throw new ArgumentError('a canvas of a live view has a context of another kind already');
      const layers = drawn.filter(({ layer }) => canvases[layer.canvas] === canvas);
      const make = async ({ of, layer }: (typeof drawn)[number]) => ({
        of,
        drawing: await layer.create(of.session, format),
      });
      return { context, layers: await Promise.all(layers.map(make)) };
    }),
  );
}

function drawOn(
  encoder: GPUCommandEncoder,
  context: GPUCanvasContext,
  [width, height]: readonly [number, number],
  draw: (pass: GPURenderPassEncoder) => void,
): void {
  const { canvas } = context;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const view = context.getCurrentTexture().createView();
  const pass = encoder.beginRenderPass({
    colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store', clearValue: [0, 0, 0, 1] }],
  });
  draw(pass);
  pass.end();
}

/** Calls back when the video has another frame; hidden pages have none. */
function onNextFrame(video: HTMLVideoElement, then: () => void): void {
  if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(then);
  else requestAnimationFrame(then);
}
