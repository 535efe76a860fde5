import copyWgsl from '../../demo/bounds/copy.wgsl?raw';
import { acquireDevice } from '../../src/gpu/device';
import { BufferUsage } from '../../src/gpu/flags';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import { mapForReading } from '../../src/gpu/readback';
import { defineShader } from '../../src/gpu/shader';
import { median } from '../report';
import { sampler } from './schedule';

/** What it costs to have a GPU do next to nothing, in microseconds. */
export interface Costs {
  /** The host's time to record a launch. */
  readonly recordUs: number;
  /** The host's time in `submit`, for a command buffer with one launch. */
  readonly submitUs: number;
  /** Each of many launches, from the first submission to completion: in one pass, */
  readonly launchUs: number;
  /** each in a pass of its own, */
  readonly passUs: number;
  /** each in a submission of its own. */
  readonly submissionUs: number;
  /** From the submission of one launch until the host hears that it is done, */
  readonly roundTripUs: number;
  /** and until it has read 16 bytes of its result. */
  readonly readBackUs: number;
}

const LAUNCHES = 200;
const LEAST_ROUNDS = 3;
const MOST_ROUNDS = 50;

export async function measureCosts({ ms }: { ms: number }): Promise<Costs> {
  const { device } = await acquireDevice();
  const shader = defineShader('copy', copyWgsl);
  const { pipeline, layout } = await new PipelineCache(device).get({ shader, constants: {} }, 'f32');
  const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC;
  const buffers = shader.bindings.map(() => device.createBuffer({ size: 1024, usage }));
  const bindGroup = device.createBindGroup({
    layout,
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const staging = device.createBuffer({ size: 16, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST });
  /** Command buffers with so many launches in all. */
  const record = (commands: number, passes: number, launches: number): GPUCommandBuffer[] =>
    Array.from({ length: commands }, () => {
      const encoder = device.createCommandEncoder();
      for (let p = 0; p < passes; p++) {
        const pass = encoder.beginComputePass();
        for (let l = 0; l < launches; l++) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, bindGroup);
          pass.dispatchWorkgroups(1);
        }
        pass.end();
      }
      return encoder.finish();
    });
  const done = (): Promise<unknown> => device.queue.onSubmittedWorkDone();
  const usOf = async (work: () => unknown, count = 1): Promise<number> => {
    const start = performance.now();
    await work();
    return ((performance.now() - start) * 1000) / count;
  };
  const submitted = async (commands: readonly GPUCommandBuffer[]): Promise<number> =>
    usOf(() => {
      for (const command of commands) device.queue.submit([command]);
      return done();
    }, LAUNCHES);
  const readBack = async (): Promise<void> => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffers[0], 0, staging, 0, 16);
    device.queue.submit([...record(1, 1, 1), encoder.finish()]);
    await mapForReading(device, staging);
    staging.unmap();
  };
  const ways: Readonly<Record<keyof Costs, () => Promise<number>>> = {
    recordUs: () => usOf(() => void record(1, 1, LAUNCHES), LAUNCHES),
    submitUs: async () => {
      const commands = record(LAUNCHES, 1, 1);
      const us = await usOf(() => {
        for (const command of commands) device.queue.submit([command]);
      }, LAUNCHES);
      await done();
      return us;
    },
    launchUs: () => submitted(record(1, 1, LAUNCHES)),
    passUs: () => submitted(record(1, LAUNCHES, 1)),
    submissionUs: () => submitted(record(LAUNCHES, 1, 1)),
    roundTripUs: () => {
      const commands = record(1, 1, 1);
      return usOf(() => {
        device.queue.submit(commands);
        return done();
      });
    },
    readBackUs: () => usOf(readBack),
  };
  const names = Object.keys(ways) as (keyof Costs)[];
  const samples = new Map(names.map((name): [keyof Costs, number[]] => [name, []]));
  const hasTime = sampler(ms, LEAST_ROUNDS);
  // The first round warms up.
  for (let round = 0; round <= MOST_ROUNDS && hasTime(); round++) {
    for (const name of names) {
      const us = await ways[name]();
      if (round > 0) samples.get(name)!.push(us);
    }
  }
  device.destroy();
  return Object.fromEntries(names.map((name) => [name, median(samples.get(name)!)])) as unknown as Costs;
}
