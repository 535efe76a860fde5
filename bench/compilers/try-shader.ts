// Run by driver.ts, as collect.ts is: compiles one shader.
import { readFileSync, writeFileSync } from 'node:fs';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { jobOf } from './driver';

export interface TryJob {
  readonly shader: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly result: string;
}

const FEATURES = ['shader-f16', 'subgroups', 'subgroup-size-control', 'chromium-experimental-subgroup-size-control'];

async function main({ shader, constants, result }: TryJob): Promise<void> {
  const gpu = await createNodeGpu('default');
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('no adapter answered');
  const requiredFeatures = FEATURES.filter((name) => adapter.features.has(name)) as GPUFeatureName[];
  const device = await adapter.requestDevice({ requiredFeatures });
  const module = device.createShaderModule({ code: readFileSync(shader, 'utf8') });
  const { messages } = await module.getCompilationInfo();
  for (const { lineNum, message } of messages) console.error(`${shader}:${lineNum}: ${message}`);
  await device.createComputePipelineAsync({ layout: 'auto', compute: { module, constants: { ...constants } } });
  writeFileSync(result, 'null');
}

await main(jobOf<TryJob>());
