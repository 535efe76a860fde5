/** Runs a share of the shaders' mutants; `main.ts` watches it, as some never end. */
import { basename } from 'node:path';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { type AcquiredDevice, acquireDevice } from '../../src/gpu/device';
import type { Candidate } from '../../src/gpu/kernel';
import { loadKernels } from '../../src/gpu/kernels';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import { makePlan } from '../../src/gpu/plan';
import { allCases } from '../ops/cases';
import { caseDevice, caseGraph, type KernelCase, runKernelCase } from '../support/kernel-case';
import { type ChildJob, type Mutant, type Outcome, readSample } from './sample';

const job = JSON.parse(process.argv[2]) as ChildJob;
const shaderOf = ({ file }: Mutant): string => basename(file, '.wgsl');
const sample = readSample(job);
// Dawn's devices end with their GPU object, which therefore is kept.
const gpu = await createNodeGpu();
Object.assign(globalThis, { gpu });
const acquired = await acquireDevice({ gpu });
const casesOf = await casesByShader(new Set(sample.map(shaderOf)));
for (let index = job.from; index < sample.length; index++) {
  process.send!({ index });
  process.send!({ index, outcome: await outcomeOf(sample[index]) });
}
process.disconnect();
// Dawn's threads would keep the process alive.
process.exit();

/** Whether a case fails with a mutant in the shader's place. */
async function outcomeOf(mutant: Mutant): Promise<Outcome> {
  let isInvalid = false;
  const device = withMutant(acquired, mutant, () => {
    isInvalid = true;
  });
  const uses = (candidate: Candidate): boolean =>
    candidate.dispatches.some(({ shader }) => shader.name === shaderOf(mutant));
  for (const testCase of casesOf.get(shaderOf(mutant)) ?? []) {
    const pipelines = new PipelineCache(device.device);
    const failed = await runKernelCase(device, pipelines, testCase, 'f32', uses).then(
      (results) => results.some(({ failure }) => failure !== undefined),
      () => true,
    );
    if (isInvalid) return { kind: 'invalid' };
    if (failed) return { kind: 'caught', by: testCase.name };
  }
  return { kind: 'survived' };
}

/** A device that compiles the mutant in place of the shader. */
function withMutant(device: AcquiredDevice, mutant: Mutant, onInvalid: () => void): AcquiredDevice {
  const [changed] = mutant.source.split('\n').slice(mutant.line - 1);
  const proxy = new Proxy(device.device, {
    get(target, key) {
      if (key === 'createShaderModule') {
        return (descriptor: GPUShaderModuleDescriptor) => {
          // The text that is compiled has other types in the lines of its aliases, and all others as they lie on disk.
          const isIt = descriptor.label === shaderOf(mutant);
          const lines = descriptor.code.split('\n');
          const code = isIt ? lines.with(mutant.line - 1, changed).join('\n') : descriptor.code;
          const module = target.createShaderModule({ ...descriptor, code });
          if (isIt)
            void module.getCompilationInfo().then(({ messages }) => {
              if (messages.some(({ type }) => type === 'error')) onInvalid();
            });
          return module;
        };
      }
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...device, device: proxy };
}

/** The cases with a kernel that runs each shader, small ones first. */
async function casesByShader(shaders: ReadonlySet<string>): Promise<Map<string, KernelCase[]>> {
  const found = new Map<string, KernelCase[]>();
  for (const testCase of allCases) {
    const { graph } = caseGraph(testCase);
    const options = { precision: 'f32', device: caseDevice(acquired, testCase) } as const;
    const plan = makePlan(graph, await loadKernels(graph), options);
    const used = plan.steps.flatMap(({ candidates }) => candidates.flatMap(({ dispatches }) => dispatches));
    for (const name of new Set(used.map(({ shader }) => shader.name))) {
      if (shaders.has(name)) found.set(name, [...(found.get(name) ?? []), testCase]);
    }
  }
  return found;
}
