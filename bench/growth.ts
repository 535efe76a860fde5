// Runs in a page or in Node: measures how time and memory grow with the picture. The segmenter takes any size.
import { Engine, readSafetensors, Tensor } from '../src';
import { buildVisionModel } from '../src/models';
import { fetchBytes } from './engines/engine';
import { atSide } from './own-networks';

/** The segmenter on pictures of one size. */
export interface Growth {
  /** Height and width of the picture. */
  readonly side: number;
  readonly timeMs: number;
  readonly msPerMegapixel: number;
  /** Memory of the activations by the plan. */
  readonly planBytes: number;
  /** Memory of the activations' buffers on the device. */
  readonly activationBytes: number;
}

const SIDES = [128, 256, 384, 512];
/** The fastest run of each size counts. Small pictures are measured for as long as large ones, in more runs. */
const LEAST_RUNS = 4;
const LEAST_MS = 3000;

/** @param weights address of the segmenter's file */
export async function measureGrowth(weights: string): Promise<Growth[]> {
  const file = readSafetensors(await fetchBytes(weights), weights);
  const engine = await Engine.create();
  const made = buffersOf(engine.device);
  const steps: Growth[] = [];
  for (const side of SIDES) {
    made.length = 0;
    const { graph } = buildVisionModel(atSide(file, side), weights);
    const model = await engine.load(graph);
    const [input] = graph.inputs;
    const picture = Tensor.float32([1, 3, side, side]);
    picture.data.forEach((_, i, data) => {
      data[i] = Math.sin(i);
    });
    let timeMs = Number.POSITIVE_INFINITY;
    const began = performance.now();
    for (let run = 0; run < LEAST_RUNS || performance.now() - began < LEAST_MS; run++) {
      const start = performance.now();
      await model.run({ [input]: picture });
      // The first run of a pipeline has costs of its own.
      if (run > 0) timeMs = Math.min(timeMs, performance.now() - start);
    }
    steps.push({
      side,
      timeMs,
      msPerMegapixel: timeMs / (side * side * 1e-6),
      planBytes: model.plan.memory.peakBytes,
      activationBytes: made
        .filter(({ label }) => label?.includes('activations'))
        .reduce((sum, { size }) => sum + size, 0),
    });
    model.dispose();
  }
  engine.dispose();
  return steps;
}

/** Lists every buffer that the device makes from now on. */
function buffersOf(device: GPUDevice): GPUBufferDescriptor[] {
  const made: GPUBufferDescriptor[] = [];
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    made.push(descriptor);
    return createBuffer(descriptor);
  };
  return made;
}

/** A table for the terminal. */
export function growthTable(steps: readonly Growth[]): string {
  const mean = steps.reduce((sum, { msPerMegapixel }) => sum + msPerMegapixel, 0) / steps.length;
  return steps
    .map(({ side, timeMs, msPerMegapixel, planBytes, activationBytes }) =>
      [
        `  ${side}²`.padStart(8),
        `${timeMs.toFixed(1)} ms`.padStart(12),
        `${msPerMegapixel.toFixed(0)} ms/megapixel (${((100 * msPerMegapixel) / mean).toFixed(0)} % of the mean)`.padStart(
          42,
        ),
        `activations ${(activationBytes / 1e6).toFixed(2)} MB, planned ${(planBytes / 1e6).toFixed(2)} MB`.padStart(46),
      ].join(''),
    )
    .join('\n');
}
