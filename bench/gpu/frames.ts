import { Tensor } from '../../src';
import type { PlanStep, Precision } from '../../src/gpu/plan';
import { Stopwatch } from '../../src/gpu/stopwatch';
import type { TuningReport } from '../../src/gpu/tuner';
import { MemoryTuningCache } from '../../src/gpu/tuning-cache';
import type { Model } from '../../src/model';
import { fetchNumbers, type NetworkJob, type Open } from '../engines/engine';
import { type OpenedFovea, openWith } from '../engines/fovea';
import { type Measured, measure } from '../page';
import { disagreement, type Sample } from '../report';
import { type LayerWork, workOfLayers } from '../roofline';
import { sampler } from './schedule';

/** A network in one of the ways to run it. */
export interface Frames extends Omit<Sample, 'downloadBytes'> {
  readonly network: string;
  readonly precision: Precision;
  readonly tuned: boolean;
  /** A frame's launches by the GPU's own clock, one frame after the other, or by the wall where it has none. */
  readonly gpuMs: number;
  readonly method: 'timestamp' | 'wall';
  /** A frame of many that are submitted at once and not read. */
  readonly queuedMs: number;
  readonly tuning?: Pick<TuningReport, 'measurements' | 'elapsedMs'> & {
    /** Nodes that run otherwise than by default, of those with a choice. */
    readonly changed: number;
    readonly choices: number;
    readonly guessed: number;
    readonly rejected: number;
  };
}

export interface NetworkFrames {
  readonly frames: readonly Frames[];
  /** Of the default in float32. */
  readonly layers: readonly LayerWork[];
  readonly problems: readonly string[];
}

export interface FramesJob {
  readonly network: NetworkJob;
  readonly input: string;
  /** Address that tells the server to count bytes from here on. */
  readonly cold: string;
  readonly precisions: readonly Precision[];
  readonly ms: number;
}

/** Of the largest magnitude. Float16 rounds every value to 2⁻¹¹ of itself, in each of up to a hundred layers. */
const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 1e-3, f16: 5e-2 };
/** The shares of a way's time for frames one by one, frames by the GPU's clock, and layers. */
const SHARES = { steady: 0.4, gpu: 0.2, layers: 0.4 };
const MOST_FRAMES = 500;
const QUEUED_FRAMES = 10;

/**
 * Runs a network by default and tuned, in each precision, as long as there is time for another way. A way that fails is
 * a problem, and the others go on.
 */
export async function measureFrames(
  { network, input, cold, precisions, ms }: FramesJob,
  tell: (frames: NetworkFrames) => void,
): Promise<NetworkFrames> {
  const ways = precisions.flatMap((precision) => [false, true].map((tuned) => ({ precision, tuned })));
  const frames: Frames[] = [];
  const problems: string[] = [];
  let layers: readonly LayerWork[] = [];
  let expected: Measured['answers'] | undefined;
  const hasTime = sampler(ms, 1);
  const wayMs = ms / ways.length;
  for (const { precision, tuned } of ways) {
    if (!hasTime()) break;
    let opened: OpenedFovea | undefined;
    const open: Open = async (job) => {
      const tune = tuned && { cache: new MemoryTuningCache() };
      opened = await openWith(job, { precision, tune });
      // Closed here, when all is measured.
      return { run: opened.run, watch: opened.watch };
    };
    try {
      const steady = { leastRuns: 2, leastMs: SHARES.steady * wayMs, mostRuns: MOST_FRAMES };
      const job = { network, input, steady, video: false };
      const { answers, ...sample } = await measure(async () => open, job, cold);
      expected ??= answers;
      const difference = disagreement(answers, expected, TOLERANCE[precision]);
      if (difference) throw new Error(`answers other than by default in float32: ${difference}`);
      const { model } = opened!;
      const inputs = { [network.input.name]: Tensor.float32(network.input.shape, await fetchNumbers(input)) };
      const gpu = await onGpu(model, inputs, SHARES.gpu * wayMs);
      frames.push({ network: network.name, precision, tuned, ...sample, ...gpu, ...tuningOf(model) });
      tell({ frames, layers, problems });
      if (precision === 'f32' && !tuned) {
        layers = await workOfLayers(model, network.name, inputs, { leastTrials: 1, leastMs: SHARES.layers * wayMs });
      }
    } catch (error) {
      problems.push(`${network.name}, ${precision}${tuned ? ', tuned' : ''}: ${error}`);
    } finally {
      opened?.close();
    }
  }
  return { frames, layers, problems };
}

/** The least times of a frame without the way to the host. */
async function onGpu(
  model: Model,
  inputs: Readonly<Record<string, Tensor>>,
  ms: number,
): Promise<Pick<Frames, 'gpuMs' | 'method' | 'queuedMs'>> {
  const session = await model.session();
  const { device } = session;
  const stopwatch = new Stopwatch(device, { maxRepeats: 50 });
  let [gpuMs, queuedMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let method: Frames['method'] = 'timestamp';
  try {
    for (const hasTime = sampler(ms, 1); hasTime(); ) {
      session.write(inputs);
      const timing = await stopwatch.time(session.dispatches);
      gpuMs = Math.min(gpuMs, timing.timeMs);
      method = timing.method;
      session.write(inputs);
      const start = performance.now();
      for (let frame = 0; frame < QUEUED_FRAMES; frame++) {
        const encoder = device.createCommandEncoder();
        session.encode(encoder);
        device.queue.submit([encoder.finish()]);
      }
      await device.queue.onSubmittedWorkDone();
      queuedMs = Math.min(queuedMs, (performance.now() - start) / QUEUED_FRAMES);
    }
  } finally {
    stopwatch.dispose();
  }
  return { gpuMs, method, queuedMs };
}

function tuningOf({ tuning, plan }: Model): Pick<Frames, 'tuning'> {
  if (!tuning) return {};
  const { steps, measurements, elapsedMs, rejected } = tuning;
  return {
    tuning: {
      measurements,
      elapsedMs,
      choices: steps.length,
      changed: plan.steps.filter(isChanged).length,
      guessed: steps.filter(({ source }) => source === 'guess').length,
      rejected: rejected.length,
    },
  };
}

/** Software adapters share pipelines, so that even a default is another object than its candidate. */
const isChanged = ({ candidates: [first], chosen }: PlanStep): boolean =>
  first !== undefined && (chosen.kernel !== first.kernel || chosen.setting !== first.setting);
