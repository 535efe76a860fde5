/** `fovea/live`: a camera's frames answered and drawn on the GPU. An entry point of its own, for those who need it. */
import { ArgumentError, DeviceLostError, DisposedError } from '../errors';
import { BoxDrawing, MaskDrawing, PictureDrawing, type TensorSource } from '../gpu/overlay';
import { type Frame, frameSize, type PictureInput } from '../gpu/picture-input';
import { workDone } from '../gpu/readback';
import type { Session } from '../gpu/session';
import type { Placement } from '../picture';
import type { ImageClassifier } from './image-classifier';
import type { ImageSegmenter } from './image-segmenter';
import { type Detection, type ObjectDetector, toDetections } from './object-detector';
import { toFrame } from './picture';
import type { PictureModel } from './picture-model';

/** Who answers; all on one engine. */
export interface LiveTasks {
  readonly classifier?: ImageClassifier;
  readonly detector?: ObjectDetector;
  readonly segmenter?: ImageSegmenter;
}

/** Where answers are drawn over the frame; it may be one canvas for both. Their size becomes the frame's. */
export interface LiveCanvases {
  readonly boxes?: HTMLCanvasElement | OffscreenCanvas;
  readonly mask?: HTMLCanvasElement | OffscreenCanvas;
}

export interface LiveOptions {
  /** Boxes are drawn from this score on. Default 0.5. */
  readonly threshold?: number;
  /** Of the mask over the frame, 0..1. Default 0.6. */
  readonly opacity?: number;
  /** Whether scores and boxes are wanted as numbers, too. Default false: nothing is read back. */
  readonly numbers?: boolean;
}

/** What little of a frame comes back from the GPU. */
export interface LiveNumbers {
  /** The score of every label, for `topLabels`; undefined without a classifier. */
  readonly scores: Float32Array | undefined;
  /** Everything that was detected, for `aboveThreshold`; empty without a detector. */
  readonly candidates: readonly Detection[];
}

type LiveFrame = Exclude<Frame, { readonly data: unknown }>;

interface Network {
  readonly model: PictureModel;
  readonly input: PictureInput;
  readonly session: Session;
}

interface Surface {
  readonly context: GPUCanvasContext;
  readonly shows: readonly ('mask' | 'boxes')[];
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
export class LiveView {
  #disposed = false;
  /** Ends `run`'s wait for a frame, of which a camera that was closed has no more. */
  #stopWaiting = (): void => {};

  private constructor(
    private readonly tasks: LiveTasks,
    private readonly networks: { readonly classify?: Network; readonly detect?: Network; readonly segment?: Network },
    private readonly drawings: {
      readonly picture: PictureDrawing;
      readonly mask?: MaskDrawing;
      readonly boxes?: BoxDrawing;
    },
    private readonly surfaces: readonly Surface[],
  ) {}

  /**
   * @throws ArgumentError without a task, with tasks of several engines, or with a canvas that has no task or cannot be
   * drawn to by WebGPU
   * @throws DeviceLostError: try again
   */
  static async create(tasks: LiveTasks, canvases: LiveCanvases = {}): Promise<LiveView> {
    const { classifier, detector, segmenter } = tasks;
    const [first, ...others] = [classifier, detector, segmenter].flatMap((task) => (task ? [task.network] : []));
    if (!first) throw new ArgumentError('a live view needs a classifier, a detector or a segmenter');
    if (others.some(({ engine }) => engine !== first.engine)) {
      throw new ArgumentError('the tasks of a live view must be on one engine');
    }
    if (canvases.boxes && !detector) throw new ArgumentError('a canvas for boxes needs a detector');
    if (canvases.mask && !segmenter) throw new ArgumentError('a canvas for a mask needs a segmenter');
    return first.model.guard(() => LiveView.#make(tasks, canvases, first));
  }

  static async #make(tasks: LiveTasks, canvases: LiveCanvases, first: PictureModel): Promise<LiveView> {
    const networks = await Promise.all([open(tasks.classifier), open(tasks.detector), open(tasks.segmenter)]);
    const [classify, detect, segment] = networks;
    const { device } = first.engine;
    if (networks.some((network) => network && network.session.device !== device)) {
      throw new DeviceLostError('the GPU device was lost while a live view was made');
    }
    const shown = new Set([canvases.mask, canvases.boxes].filter((canvas) => canvas !== undefined));
    const surfaces = [...shown].map((canvas): Surface => {
      const context = canvas.getContext('webgpu') as GPUCanvasContext | null;
      if (!context) throw new ArgumentError('a canvas of a live view has a context of another kind already');
      return { context, shows: (['mask', 'boxes'] as const).filter((what) => canvases[what] === canvas) };
    });
    const format = navigator.gpu.getPreferredCanvasFormat();
    const { pipelines } = networks.find((network) => network !== undefined)!.session;
    const [picture, mask, boxes] = await Promise.all([
      PictureDrawing.create(pipelines, format),
      segment && MaskDrawing.create(pipelines, sourceOf(segment.session, 'logits'), format),
      detect && BoxDrawing.create(pipelines, sourceOf(detect.session, 'detections'), countOf(detect.session), format),
    ]);
    first.model.hold('live view', () => picture.memoryBytes);
    for (const { context } of surfaces) context.configure({ device, format, alphaMode: 'opaque' });
    return new LiveView(tasks, { classify, detect, segment }, { picture, mask, boxes }, surfaces);
  }

  /** Answers one frame, and waits until it is drawn. @throws DeviceLostError: make another live view; DisposedError */
  async show(frame: LiveFrame, options: LiveOptions = {}): Promise<LiveNumbers | undefined> {
    const network = this.#all[0];
    const taken = await toFrame(frame, network.input.takesVideo);
    try {
      return await network.model.model.guard(async () => {
        if (this.#disposed) throw new DisposedError('the live view was disposed');
        const { device } = network.session;
        if (device !== network.model.engine.device) {
          throw new DeviceLostError('the GPU device of this live view was lost: make another one');
        }
        const read = this.#submit(taken, options);
        const [numbers] = await Promise.all([read?.(), workDone(device)]);
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
   * @param onNumbers called every few frames, if given, with a frame's answers in numbers and how fast frames follow
   * @throws DeviceLostError: make another live view
   */
  async run(
    video: HTMLVideoElement,
    options: () => LiveOptions = () => ({}),
    onNumbers?: (numbers: LiveNumbers, framesPerSecond: number) => void,
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
      const numbersWanted = onNumbers !== undefined && --wait === 0;
      const numbers = await this.show(video, { ...options(), numbers: numbersWanted }).catch((error: unknown) => {
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

  /** Ends `run` and frees what was made for drawing; the tasks stay. */
  dispose(): void {
    this.#disposed = true;
    this.#stopWaiting();
    for (const drawing of Object.values(this.drawings)) drawing?.dispose();
  }

  get #all(): Network[] {
    const { classify, detect, segment } = this.networks;
    return [classify, detect, segment].filter((network) => network !== undefined);
  }

  #submit(frame: Frame, { threshold = 0.5, opacity = 0.6, numbers = false }: LiveOptions) {
    const { device } = this.#all[0].session;
    const size = frameSize(frame);
    const encoder = device.createCommandEncoder();
    const placements = new Map(
      this.#all.map((network) => {
        const placement = network.input.encode(encoder, frame);
        network.session.encode(encoder);
        return [network, placement] as const;
      }),
    );
    const { detect, segment } = this.networks;
    const { picture, mask, boxes } = this.drawings;
    const drawFrame = this.surfaces.length > 0 ? picture.take(frame) : undefined;
    for (const { context, shows } of this.surfaces) {
      drawOn(encoder, context, size, (pass) => {
        drawFrame?.(pass);
        if (shows.includes('mask')) mask!.encode(pass, placements.get(segment!)!, opacity);
        if (shows.includes('boxes')) {
          boxes!.encode(pass, placements.get(detect!)!, threshold);
        }
      });
    }
    const read = numbers ? this.#encodeNumbers(encoder, placements) : undefined;
    device.queue.submit([encoder.finish()]);
    return read;
  }

  /** Records copies of the scores and the boxes' rows, some hundred numbers. */
  #encodeNumbers(encoder: GPUCommandEncoder, placements: ReadonlyMap<Network, Placement>) {
    const { classify, detect } = this.networks;
    const readScores = classify?.session.encodeReadback(encoder);
    const readRows = detect?.session.encodeReadback(encoder);
    return async (): Promise<LiveNumbers> => {
      const [scores, rows] = await Promise.all([readScores?.(), readRows?.()]);
      const found = rows?.get('detections')?.data as Float32Array | undefined;
      return {
        scores: scores?.get('probabilities')?.data as Float32Array | undefined,
        candidates: found ? toDetections(found, this.tasks.detector!.labels, placements.get(detect!)!) : [],
      };
    };
  }
}

async function open(task: { readonly network: PictureModel } | undefined): Promise<Network | undefined> {
  if (!task) return undefined;
  const input = await task.network.input();
  return { model: task.network, input, session: input.session };
}

function sourceOf(session: Session, value: string): TensorSource {
  const { tensors, precision } = session.plan;
  return { desc: tensors.get(value)!, range: session.range(value), precision };
}

const countOf = (session: Session) => session.range(session.plan.graph.rowCounts!.get('detections')!);

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
