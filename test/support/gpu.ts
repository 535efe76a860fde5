import { adapterFromEnvironment, createNodeGpu } from '../../src/cli/node-gpu';
import { type AcquiredDevice, acquireDevice } from '../../src/gpu/device';
import { PipelineCache } from '../../src/gpu/pipeline-cache';

let shared: Promise<{ acquired: AcquiredDevice; pipelines: PipelineCache; gpu: GPU }> | undefined;

/** One device for all tests of a file. */
export function testDevice(): Promise<{ acquired: AcquiredDevice; pipelines: PipelineCache; gpu: GPU }> {
  shared ??= createNodeGpu().then(async (gpu) => {
    const acquired = await acquireDevice({ gpu });
    if (adapterFromEnvironment() === 'lavapipe' && !acquired.report.shaderF16) {
      throw new Error(`${acquired.report.name} has no float16; install mesa-vulkan-drivers, version 25 or newer`);
    }
    return { acquired, pipelines: new PipelineCache(acquired.device), gpu };
  });
  return shared;
}
