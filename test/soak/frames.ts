import { Engine } from '../../src/engine';
import { TextureUsage } from '../../src/gpu/flags';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { ImageSegmenter } from '../../src/tasks/image-segmenter';
import { LiveView } from '../../src/tasks/live-view';
import { ObjectDetector } from '../../src/tasks/object-detector';
import { collectGarbage } from '../support/garbage';
import { Random } from '../support/random';
import { tinyClassifier, tinyDetector, tinySegmenter } from '../support/tiny-models';
import { keptGpu } from './files';
import { breathe, type Job, type Tally } from './tally';

const SIZE = 16;
const PICTURES = 8;
/** What the later half of the frames may add to what the process holds. The system's allocator gives little back. */
const MOST_RESIDENT_BYTES = 32e6;
const MOST_HEAP_BYTES = 2e6;

const pictures = Array.from({ length: PICTURES }, (_, seed) => {
  const random = new Random(seed + 1);
  const data = Uint8Array.from({ length: SIZE * SIZE * 4 }, (_, i) => (i % 4 === 3 ? 255 : random.next() * 256));
  return { data, width: SIZE, height: SIZE };
});

async function load(runner: Runner) {
  return {
    classifier: await ImageClassifier.load(runner, tinyClassifier()),
    detector: await ObjectDetector.load(runner, tinyDetector()),
    segmenter: await ImageSegmenter.load(runner, tinySegmenter()),
  };
}
type Tasks = Awaited<ReturnType<typeof load>>;

/** The number that shows whether an answer is the right picture's. */
const scoreOf = async ({ classifier }: Tasks, picture: (typeof pictures)[number]): Promise<number> =>
  (await classifier.scores(picture))[0];

/**
 * Pictures one after the other, a camera's frames drawn with boxes and mask, and three tasks at once, in turn: every
 * answer is the reference's, and neither the process, the engine nor the device holds more in the end.
 */
export async function frames({ from, count }: Job, tally: Tally, at: (item: number) => void): Promise<void> {
  const engine = await Engine.create({ gpu: await keptGpu() });
  const objects = watchObjects(engine.device);
  const tasks = await load(engine);
  const expected = await expectations();
  const camera = await openCamera(engine, tasks);
  let early: Awaited<ReturnType<typeof held>> | undefined;
  const held = async () => {
    await engine.device.queue.onSubmittedWorkDone();
    collectGarbage();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed, gpu: engine.memory().totalBytes, objects: objects() };
  };
  const half = from + Math.ceil(count / 2);
  for (let frame = from; frame < from + count; frame++) {
    at(frame);
    await breathe();
    if (frame === half) early = await held();
    const index = frame % PICTURES;
    const picture = pictures[index];
    const kind = (['still', 'camera', 'together'] as const)[frame % 3];
    tally.count(kind);
    let score: number;
    if (kind === 'camera') score = await camera.show(picture);
    else if (kind === 'still') score = await scoreOf(tasks, picture);
    else {
      const [first, boxes, mask] = await Promise.all([
        scoreOf(tasks, picture),
        tasks.detector.candidates(picture),
        tasks.segmenter.segment(picture),
      ]);
      if (boxes.length !== expected[index].boxes) {
        tally.fail('wrong', `frame ${frame} has ${boxes.length} boxes, expected ${expected[index].boxes}`);
      }
      if (mask.classes.length !== SIZE * SIZE) tally.fail('wrong', `the mask of frame ${frame} has another size`);
      score = first;
    }
    if (!(Math.abs(score - expected[index].score) < 1e-5)) {
      tally.fail('wrong', `${kind} frame ${frame} scores ${score}, expected ${expected[index].score}`);
    }
  }
  const late = await held();
  const before = early ?? late;
  const grown = { resident: late.rss - before.rss, heap: late.heapUsed - before.heapUsed };
  tally.count('kBHeapGrown', Math.max(0, Math.round(grown.heap / 1000)));
  if (grown.resident > MOST_RESIDENT_BYTES) tally.fail('growth', `${grown.resident} bytes more in memory`);
  if (grown.heap > MOST_HEAP_BYTES) tally.fail('growth', `${grown.heap} bytes more on the heap`);
  if (late.gpu > before.gpu) tally.fail('growth', `the engine holds ${late.gpu} bytes, ${before.gpu} at first`);
  if (late.objects > before.objects) tally.fail('growth', `${late.objects} GPU objects, ${before.objects} at first`);
  camera.dispose();
  for (const task of Object.values(tasks)) task.dispose();
  if (engine.memory().totalBytes !== 0) tally.fail('growth', `${engine.memory().totalBytes} bytes stay on the GPU`);
  engine.dispose();
}

async function expectations(): Promise<{ score: number; boxes: number }[]> {
  const tasks = await load(new ReferenceRunner());
  const answer = async (picture: (typeof pictures)[number]) => ({
    score: await scoreOf(tasks, picture),
    boxes: (await tasks.detector.candidates(picture)).length,
  });
  return Promise.all(pictures.map(answer));
}

/** A live view in Node: its frames come as bitmaps, its canvas is a texture. */
export async function openCamera({ device }: Engine, tasks: Partial<Tasks>) {
  const usage = TextureUsage.RENDER_ATTACHMENT | TextureUsage.COPY_SRC;
  const texture = device.createTexture({ size: [SIZE, SIZE], format: 'bgra8unorm', usage });
  const canvas = { width: SIZE, height: SIZE };
  const context = { canvas, configure() {}, getCurrentTexture: () => texture };
  const fake = Object.assign(canvas, { getContext: () => context }) as unknown as OffscreenCanvas;
  let current = pictures[0];
  class FakeVideoFrame {
    readonly displayWidth = SIZE;
    readonly displayHeight = SIZE;
  }
  Object.assign(globalThis, { createImageBitmap: async () => ({ ...current, close() {} }) });
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu: { getPreferredCanvasFormat: () => 'bgra8unorm' } },
    configurable: true,
  });
  const { detector, segmenter } = tasks;
  const live = await LiveView.create(tasks, { ...(detector && { boxes: fake }), ...(segmenter && { mask: fake }) });
  return {
    /** The score of the first class. */
    async show(picture: (typeof pictures)[number]): Promise<number> {
      current = picture;
      // Only now: where there is video when a pipeline is made, Fovea tries to read it without a copy.
      Object.assign(globalThis, { VideoFrame: FakeVideoFrame });
      try {
        const numbers = await live.show(new FakeVideoFrame() as unknown as VideoFrame, { numbers: true });
        return numbers!.classifier![0];
      } finally {
        Object.assign(globalThis, { VideoFrame: undefined });
      }
    },
    dispose() {
      live.dispose();
      texture.destroy();
    },
  };
}

/** Counts the buffers and textures that a device holds from now on. */
function watchObjects(device: GPUDevice): () => number {
  let held = 0;
  for (const method of ['createBuffer', 'createTexture'] as const) {
    const create = device[method].bind(device) as (descriptor: never) => GPUBuffer | GPUTexture;
    Object.assign(device, {
      [method](descriptor: never) {
        const object = create(descriptor);
        held++;
        const destroy = object.destroy.bind(object);
        object.destroy = () => {
          held--;
          destroy();
          return undefined;
        };
        return object;
      },
    });
  }
  return () => held;
}
