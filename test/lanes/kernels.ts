// The page that tools/kernel-lane.mjs opens in a browser and drives, one case at a time.

import { acquireDevice } from '../../src/gpu/device';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import { allCases } from '../ops/cases';
import { runKernelCase } from '../support/kernel-case';
import { listShaders, missingFeature } from '../support/shaders';
import type { Check } from './check';
import { oddPictureChecks } from './odd-pictures';
import { pictureChecks } from './pictures';

const { device, report, traits } = await acquireDevice();
const acquired = { device, report, traits };
const pipelines = new PipelineCache(device);
const precisions = report.shaderF16 ? (['f32', 'f16'] as const) : (['f32'] as const);

const shaders = listShaders().map((shader) => ({ ...shader, missing: missingFeature(shader.source, device) }));
const offered = shaders.filter(({ missing }) => missing === undefined);

const shaderChecks = offered.map(
  ({ name, source }): Check => ({ name: `${name}.wgsl`, kind: 'shader', run: () => compile(source) }),
);
const caseChecks = precisions.flatMap((precision) =>
  allCases.map(
    (testCase): Check => ({
      name: `${testCase.op}: ${testCase.name} (${precision})`,
      kind: precision === 'f16' ? 'float16 kernel case' : 'kernel case',
      async run() {
        const results = await runKernelCase(acquired, pipelines, testCase, precision);
        if (results.length === 0) return 'no kernel ran';
        const failed = results.filter((result) => result.failure !== undefined);
        return failed.map((r) => `${r.kernel} ${r.setting}: ${r.failure}`).join('\n') || undefined;
      },
    }),
  ),
);
const checks = [...pictureChecks, ...oddPictureChecks, ...shaderChecks, ...caseChecks];

/** Compiles a shader as it lies on disk. @returns the compiler's errors, or undefined */
async function compile(code: string): Promise<string | undefined> {
  const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
  const errors = messages.filter((message) => message.type === 'error');
  return errors.map((e) => `line ${e.lineNum}: ${e.message}`).join('\n') || undefined;
}

const page = {
  adapter: report.name,
  /** Shaders that this browser cannot compile, as it lacks a feature. */
  unsupported: shaders.flatMap(({ name, missing }) =>
    missing ? [`${name}.wgsl: this browser has no ${missing}`] : [],
  ),
  checks: checks.map(({ name, kind }) => ({ name, kind })),
  /** @returns the failure, or nothing when the check passed */
  run: (index: number): Promise<string | undefined> =>
    checks[index]
      .run()
      .catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))),
};

export type KernelPage = typeof page;

declare global {
  var kernelPage: KernelPage | undefined;
}

globalThis.kernelPage = page;
