// Run by driver.ts, as collect.ts is: compiles the pipelines of recordings.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createNodeGpu } from '../../../src/cli/node-gpu';
import { jobOf } from '../driver';

export interface PeerPipeline {
  readonly code: string;
  readonly entryPoint?: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly layout?: readonly (readonly GPUBindGroupLayoutEntry[])[];
  readonly features: readonly string[];
}

export interface CompileJob {
  /** A file with a list of PeerPipeline. */
  readonly input: string;
  readonly result: string;
  readonly pipelines: string;
}

/** A device with the features that an engine asked for, as far as the chip has them, and all of its limits. */
async function openDevice(gpu: GPU, features: readonly string[]): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('no adapter answered');
  const requiredLimits: Record<string, number> = {};
  for (const limit in adapter.limits) {
    const value = adapter.limits[limit as keyof GPUSupportedLimits];
    if (typeof value === 'number') requiredLimits[limit] = value;
  }
  const requiredFeatures = features.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[];
  return adapter.requestDevice({ requiredFeatures, requiredLimits });
}

async function compile(device: GPUDevice, { code, entryPoint, constants, layout }: PeerPipeline): Promise<void> {
  const module = device.createShaderModule({ code });
  const groups = layout?.map((entries) => device.createBindGroupLayout({ entries: [...entries] }));
  await device.createComputePipelineAsync({
    layout: groups ? device.createPipelineLayout({ bindGroupLayouts: groups }) : 'auto',
    compute: { module, entryPoint, constants: { ...constants } },
  });
}

async function main({ input, result, pipelines }: CompileJob): Promise<void> {
  const gpu = await createNodeGpu('default');
  // Dawn's devices die with this object.
  Object.assign(globalThis, { kept: gpu });
  const devices = new Map<string, GPUDevice>();
  const written = (): number => (existsSync(pipelines) ? readFileSync(pipelines, 'utf8').split('\n').length - 1 : 0);
  const lines: number[] = [];
  for (const pipeline of JSON.parse(readFileSync(input, 'utf8')) as PeerPipeline[]) {
    const key = [...pipeline.features].sort().join();
    const device = devices.get(key) ?? (await openDevice(gpu, pipeline.features));
    devices.set(key, device);
    const before = written();
    try {
      await compile(device, pipeline);
    } catch (error) {
      console.error(`no pipeline: ${pipeline.code.slice(0, 80)}: ${String(error).slice(0, 300)}`);
    }
    lines.push(written() === before + 1 ? before : -1);
  }
  writeFileSync(result, JSON.stringify(lines));
}

await main(jobOf<CompileJob>());
