import type { Detection } from '../src';
import { type Engine, FoveaError, type Model } from '../src';
import { BoxDrawing, MaskDrawing, PictureDrawing, type TensorSource } from '../src/gpu/overlay';
import type { PictureInput } from '../src/gpu/picture-input';
import type { Session } from '../src/gpu/session';
import type { Placement } from '../src/picture';
import { toDetections } from '../src/tasks/object-detector';
import type { PictureModel } from '../src/tasks/picture-model';
import type { GpuBackend } from './backend';
import { byId } from './dom';

/** What little of a frame comes back from the GPU. */
export interface LiveNumbers {
  readonly scores: Float32Array;
  readonly candidates: readonly Detection[];
  readonly framesPerSecond: number;
}

export interface LiveSettings {
  readonly threshold: number;
  readonly opacity: number;
}

/** Opens the camera and shows it. @throws FoveaError saying what to do */
export async function openCamera(video: HTMLVideoElement): Promise<void> {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } }, audio: false });
    await video.play();
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : '';
    const advice =
      name === 'NotAllowedError'
        ? 'Allow this page to use the camera in the browser’s address bar.'
        : name === 'NotFoundError'
          ? 'Connect a camera.'
          : 'Close other programs that use it.';
    throw new FoveaError(`The camera could not be opened. ${advice}`, { cause });
  }
}

export function closeCamera(video: HTMLVideoElement): void {
  for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/** Frames between two looks at the numbers. */
const FRAMES_PER_READING = 4;

interface Network {
  readonly input: PictureInput;
  readonly session: Session;
  readonly spec: PictureModel['spec'];
}

/**
 * Answers a video frame by frame. A frame is one submission: three pictures in, three networks, two canvases drawn from
 * their buffers. No picture is read back; the scores and boxes that are listed are, now and then.
 */
export class LiveView {
  #running = true;
  #reading = false;
  #frames = 0;
  #since = performance.now();

  private constructor(
    private readonly backend: GpuBackend,
    private readonly networks: readonly [classify: Network, detect: Network, segment: Network],
    private readonly drawings: { picture: PictureDrawing; mask: MaskDrawing; boxes: BoxDrawing },
    private readonly canvases: { boxes: GPUCanvasContext; mask: GPUCanvasContext },
  ) {}

  static async create(backend: GpuBackend): Promise<LiveView> {
    const { engine, classifier, detector, segmenter } = backend;
    const open = async ({ network }: { network: PictureModel }): Promise<Network> => {
      const input = await network.input();
      return { input, session: input.session, spec: network.spec };
    };
    const networks = [await open(classifier), await open(detector), await open(segmenter)] as const;
    const [, detect, segment] = networks;
    const { device } = engine;
    const format = navigator.gpu.getPreferredCanvasFormat();
    const counter = detect.session.plan.graph.rowCounts!.get('detections')!;
    const [picture, mask, boxes] = await Promise.all([
      PictureDrawing.create(device, format),
      MaskDrawing.create(device, sourceOf(segment.session, 'logits'), format),
      BoxDrawing.create(device, sourceOf(detect.session, 'detections'), detect.session.range(counter), format),
    ]);
    const contextOf = (id: string): GPUCanvasContext => {
      const context = byId<HTMLCanvasElement>(id).getContext('webgpu')!;
      context.configure({ device, format, alphaMode: 'opaque' });
      return context;
    };
    const canvases = { boxes: contextOf('live-boxes'), mask: contextOf('live-mask') };
    return new LiveView(backend, networks, { picture, mask, boxes }, canvases);
  }

  /** Runs until stopped; waits while the page is hidden. @throws DeviceLostError */
  async run(
    video: HTMLVideoElement,
    settings: () => LiveSettings,
    onNumbers: (numbers: LiveNumbers) => void,
  ): Promise<void> {
    while (this.#running) {
      await nextFrame(video);
      if (!this.#running || document.hidden || video.videoWidth === 0) continue;
      await this.model.guard(async () => {
        this.#frame(video, settings(), onNumbers);
        await this.backend.engine.device.queue.onSubmittedWorkDone();
      });
    }
  }

  stop(): void {
    this.#running = false;
    this.drawings.mask.dispose();
    this.drawings.boxes.dispose();
  }

  private get model(): Model {
    return this.backend.classifier.network.model;
  }

  #frame(video: HTMLVideoElement, settings: LiveSettings, onNumbers: (numbers: LiveNumbers) => void): void {
    const { device }: Engine = this.backend.engine;
    const size = [video.videoWidth, video.videoHeight] as const;
    const encoder = device.createCommandEncoder();
    const placements = this.networks.map(({ input, session }): Placement => {
      const placement = input.encode(encoder, video);
      session.encode(encoder);
      return placement;
    });
    const [, detect, segment] = this.networks;
    const { picture, mask, boxes } = this.drawings;
    drawOn(encoder, this.canvases.boxes, size, (pass) => {
      picture.encode(pass, video);
      boxes.encode(pass, placements[1], detect.spec.size, size, settings.threshold);
    });
    drawOn(encoder, this.canvases.mask, size, (pass) => {
      picture.encode(pass, video);
      mask.encode(pass, placements[2], segment.spec.size, settings.opacity);
    });
    const read = this.#frames++ % FRAMES_PER_READING === 0 && !this.#reading ? this.#encodeNumbers(encoder) : undefined;
    device.queue.submit([encoder.finish()]);
    void read?.(placements[1], size).then(onNumbers, () => {});
  }

  /** Records copies of the scores and the boxes' rows, some hundred numbers. */
  #encodeNumbers(encoder: GPUCommandEncoder) {
    this.#reading = true;
    const [classify, detect] = this.networks;
    const readScores = classify.session.encodeReadback(encoder);
    const readRows = detect.session.encodeReadback(encoder);
    return async (placement: Placement, [width, height]: readonly [number, number]): Promise<LiveNumbers> => {
      try {
        const scores = (await readScores()).get('probabilities')!.data as Float32Array;
        const rows = (await readRows()).get('detections')!.data as Float32Array;
        const { labels } = this.backend.detector;
        const candidates = toDetections(rows, labels, detect.spec.size, placement, width, height);
        const framesPerSecond = (1000 * this.#frames) / (performance.now() - this.#since);
        return { scores, candidates, framesPerSecond };
      } finally {
        this.#reading = false;
      }
    };
  }
}

function sourceOf(session: Session, value: string): TensorSource {
  const { tensors, precision } = session.plan;
  return { desc: tensors.get(value)!, range: session.range(value), precision };
}

function drawOn(
  encoder: GPUCommandEncoder,
  context: GPUCanvasContext,
  [width, height]: readonly [number, number],
  draw: (pass: GPURenderPassEncoder) => void,
): void {
  const canvas = context.canvas;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const view = context.getCurrentTexture().createView();
  const pass = encoder.beginRenderPass({
    colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store', clearValue: [0, 0, 0, 1] }],
  });
  draw(pass);
  pass.end();
}

/** When the video has another frame; hidden pages have none. */
const nextFrame = (video: HTMLVideoElement): Promise<unknown> =>
  'requestVideoFrameCallback' in video
    ? new Promise((resolve) => video.requestVideoFrameCallback(resolve))
    : new Promise((resolve) => requestAnimationFrame(resolve));
