import { acquireDevice } from '../../src/gpu/device';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import type { Precision } from '../../src/gpu/plan';
import { allCases } from '../../test/ops/cases';
import { runKernelCase } from '../../test/support/kernel-case';
import { sampler, spread } from './schedule';

/** What became of the tests' kernel cases. */
export interface CaseCounts {
  readonly precision: Precision;
  readonly cases: number;
  readonly ran: number;
  readonly failed: number;
  /** Every kernel that fits a case runs it, */
  readonly kernelRuns: number;
  /** but for those that there was no time for: a software driver compiles some for twenty seconds. */
  readonly kernelsLeftOut: number;
  /** What the first failures say. */
  readonly failures: readonly string[];
}

/** Cases that run however little time there is. */
const LEAST_CASES = 5;
const FAILURES_TOLD = 40;

/** Runs as many kernel cases as there is time for, spread over all operators. */
export async function runCases(
  { precision, ms }: { precision: Precision; ms: number },
  tell: (counts: CaseCounts) => void,
): Promise<CaseCounts> {
  const acquired = await acquireDevice();
  const pipelines = new PipelineCache(acquired.device);
  const hasTime = sampler(ms, LEAST_CASES);
  const end = performance.now() + ms;
  const failures: string[] = [];
  let [ran, failed, kernelRuns, kernelsLeftOut] = [0, 0, 0, 0];
  const counts = (): CaseCounts => ({
    precision,
    cases: allCases.length,
    ran,
    failed,
    kernelRuns,
    kernelsLeftOut,
    failures: failures.slice(0, FAILURES_TOLD),
  });
  for (const place of spread(allCases.length)) {
    if (!hasTime()) break;
    const testCase = allCases[place];
    const fail = (reason: string): void => void failures.push(`${testCase.op}: ${testCase.name}: ${reason}`);
    const before = failures.length;
    const hasTimeForKernel = sampler(end - performance.now(), 1);
    const isWanted = (): boolean => {
      const wanted = hasTimeForKernel();
      if (!wanted) kernelsLeftOut++;
      return wanted;
    };
    try {
      const results = await runKernelCase(acquired, pipelines, testCase, precision, isWanted);
      kernelRuns += results.length;
      if (results.length === 0) fail('no kernel ran');
      for (const { kernel, setting, failure } of results) if (failure) fail(`${kernel} ${setting}: ${failure}`);
    } catch (error) {
      fail(String(error));
    }
    ran++;
    if (failures.length > before) failed++;
    tell(counts());
  }
  acquired.device.destroy();
  return counts();
}
