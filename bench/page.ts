// In the page, or in Node: runs one engine on one network. Loaded before the engine, as it counts what the engine does.
import { fetchBytes, fetchNumbers, type NetworkJob, type Open, type Opened } from './engines/engine';
import { type Counts, counts, memory, resetMemory } from './probe';
import { disagreement, median, type Sample } from './report';

/** How long frames are repeated: until both bounds of the least are met, or the most is reached. */
export interface SteadyBounds {
  readonly leastRuns: number;
  readonly leastMs: number;
  readonly mostRuns: number;
}

export interface Job {
  readonly network: NetworkJob;
  /** Address of the input's numbers. */
  readonly input: string;
  readonly steady: SteadyBounds;
  /** Show the engine a video afterwards. */
  readonly video: boolean;
}

/** Of the largest magnitude: one engine's frames of one input are the same arithmetic, by threads perhaps in another order. */
const REPEAT_TOLERANCE = 1e-4;

export type Measured = Omit<Sample, 'downloadBytes'> & { readonly answers: readonly (readonly number[])[] };

/** Marks for the server where what the engine downloads begins. */
export const COLD = '/cold';

/**
 * @param engine address of the engine's module
 * @throws Error when the last frame has other answers than the first
 */
export async function measureIn(engine: string, job: Job): Promise<Measured> {
  return measure(async () => ((await import(/* @vite-ignore */ engine)) as { open: Open }).open, job, COLD);
}

export async function measure(load: () => Promise<Open>, job: Job, cold: string): Promise<Measured> {
  const { network, input, steady, video } = job;
  const numbers = await fetchNumbers(input);
  await fetchBytes(cold);
  resetMemory();
  const start = performance.now();
  const open = await load();
  const { run, watch, close } = await open(network);
  const first = await run(numbers);
  const coldMs = performance.now() - start;
  const answers = numbersOf(first);
  let last = first;
  const frames = await repeat(async () => {
    last = await run(numbers);
  }, steady);
  const changed = disagreement(numbersOf(last), answers, REPEAT_TOLERANCE);
  if (changed) throw new Error(`the last frame answers other than the first: ${changed}`);
  const peakGpuBytes = memory.peakBytes;
  // What prepares for pictures is left out as well, unless frames take so long that it is little of one.
  const short = median(frames.map(({ ms }) => ms)) < steady.leastMs;
  const fps = video ? await framesPerSecond(watch, short ? { ...steady, leastRuns: 2 } : steady) : undefined;
  close?.();
  // A mean, as a median would not see what is made for every third frame.
  const perFrame = (count: keyof Counts): number =>
    frames.reduce((sum, frame) => sum + frame[count], 0) / frames.length;
  return {
    coldMs,
    steadyMs: frames.map(({ ms }) => ms),
    dispatches: perFrame('dispatches'),
    submits: perFrame('submits'),
    objectsPerFrame: perFrame('objects'),
    peakGpuBytes,
    ...fps,
    answers,
  };
}

/** Copies, as an engine may use its memory again. */
const numbersOf = (outputs: readonly Float32Array[]): number[][] => outputs.map((output) => Array.from(output));

type Frame = Counts & { readonly ms: number };

/**
 * Times frames. The first is left out where there are more, as some engines compile or choose once more then; a frame
 * that takes seconds is alone, and little of it is that.
 */
async function repeat(frame: () => Promise<unknown>, bounds: SteadyBounds): Promise<Frame[]> {
  const frames: Frame[] = [];
  const began = performance.now();
  while (frames.length < bounds.mostRuns) {
    const before = { ...counts };
    const start = performance.now();
    await frame();
    const ms = performance.now() - start;
    const since = (count: keyof Counts): number => counts[count] - before[count];
    frames.push({ ms, dispatches: since('dispatches'), submits: since('submits'), objects: since('objects') });
    if (frames.length >= bounds.leastRuns && performance.now() - began >= bounds.leastMs) break;
  }
  return frames.length > 1 ? frames.slice(1) : frames;
}

/** Frames a second with a video that plays, from its picture to the answer, and the submissions that each takes. */
async function framesPerSecond(
  watch: Opened['watch'],
  bounds: SteadyBounds,
): Promise<Pick<Sample, 'fps' | 'videoSubmits'>> {
  const video = await playVideo();
  const frames = await repeat(() => watch(video), bounds);
  return { fps: 1000 / median(frames.map(({ ms }) => ms)), videoSubmits: median(frames.map(({ submits }) => submits)) };
}

/** The camera: Chromium's own test picture, which moves. */
async function playVideo(): Promise<HTMLVideoElement> {
  const srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject });
  await video.play();
  return video;
}
