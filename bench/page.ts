// Runs in a page or in Node: measures one engine on one network. Imported before the engine, whose calls it counts.
import { fetchBytes, fetchNumbers, type NetworkJob, type Open, type Opened } from './engines/engine';
import { COLD } from './jobs';
import { type Counts, counts, memory, resetMemory } from './probe';
import { disagreement, median, type Sample } from './report';

declare global {
  /** CPU time of the whole browser, which the benchmark tells its pages where it can read it. */
  var readCpuMs: (() => Promise<number | undefined>) | undefined;
}

const readCpu = async (): Promise<number> => (await globalThis.readCpuMs?.()) ?? Number.NaN;

/** Frames are repeated until both minimums are met, or the maximum. */
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

/** Of the largest magnitude: frames of one input differ only by the order in which threads add. */
const REPEAT_TOLERANCE = 1e-4;

export type Measured = Omit<Sample, 'downloadBytes'> & { readonly answers: readonly (readonly number[])[] };

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
  const cpu = [await readCpu()];
  const start = performance.now();
  const open = await load();
  const { run, watch, close } = await open(network);
  const first = await run(numbers);
  const coldMs = performance.now() - start;
  cpu.push(await readCpu());
  let runs = 0;
  const answers = numbersOf(first);
  let last = first;
  const frames = await repeat(async () => {
    last = await run(numbers);
    runs++;
  }, steady);
  cpu.push(await readCpu());
  const changed = disagreement(numbersOf(last), answers, REPEAT_TOLERANCE);
  if (changed) throw new Error(`the last frame answers other than the first: ${changed}`);
  const peakGpuBytes = memory.peakBytes;
  // The first frame of video is left out as well, unless frames take so long that its set-up counts little.
  const short = median(frames.map(({ ms }) => ms)) < steady.leastMs;
  const fps = video ? await framesPerSecond(watch, short ? { ...steady, leastRuns: 2 } : steady) : undefined;
  close?.();
  // The mean: a median would miss objects that only every third frame makes.
  const perFrame = (count: keyof Counts): number =>
    frames.reduce((sum, frame) => sum + frame[count], 0) / frames.length;
  return {
    coldMs,
    ...(Number.isFinite(cpu[0]) && { coldCpuMs: cpu[1] - cpu[0], steadyCpuMs: (cpu[2] - cpu[1]) / runs }),
    steadyMs: frames.map(({ ms }) => ms),
    dispatches: perFrame('dispatches'),
    submits: perFrame('submits'),
    objectsPerFrame: perFrame('objects'),
    peakGpuBytes,
    ...fps,
    answers,
  };
}

/** Copies the outputs: an engine may use their memory again. */
const numbersOf = (outputs: readonly Float32Array[]): number[][] => outputs.map((output) => Array.from(output));

type Frame = Counts & { readonly ms: number };

/**
 * Times frames. If there are several, the first is left out: some engines still compile or tune then. A frame of
 * several seconds is the only one, and the set-up is a small part of it.
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

/** Frames per second of a playing video, from its picture to the answer, and submissions per frame. */
async function framesPerSecond(
  watch: Opened['watch'],
  bounds: SteadyBounds,
): Promise<Pick<Sample, 'fps' | 'videoSubmits'>> {
  const video = await playVideo();
  const frames = await repeat(() => watch(video), bounds);
  return { fps: 1000 / median(frames.map(({ ms }) => ms)), videoSubmits: median(frames.map(({ submits }) => submits)) };
}

/** The camera is Chromium's moving test picture. */
async function playVideo(): Promise<HTMLVideoElement> {
  const srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject });
  await video.play();
  return video;
}
