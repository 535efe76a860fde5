import { ArgumentError, FoveaError } from '../../errors';
import { defineCommand } from '../command';
import { type CaseResult, findCases, formatReport, runCase, TOLERANCE } from '../conformance';
import { ProgressBar } from '../progress';
import { RUNNER_OPTIONS, withRunner } from '../runner';

/** Runs a folder of ONNX node tests. */
export const conformance = defineCommand({
  name: 'conformance',
  usage: 'DIR',
  summary: "run ONNX's node tests: how many pass, fail, and are not supported, and why",
  details: 'DIR holds folders with a model.onnx and test_data_set_* each. Fails when a case fails.',
  options: RUNNER_OPTIONS,
  async run([folder, ...more], options, output) {
    if (folder === undefined) throw new ArgumentError('conformance needs a folder');
    if (more.length > 0) throw new ArgumentError(`conformance takes one folder, got "${more[0]}" beside "${folder}"`);
    const cases = findCases(folder);
    const bar = new ProgressBar(output, 'cases');
    const results: CaseResult[] = [];
    const adapter = await withRunner(options, output, async (runner) => {
      for (const path of cases) {
        results.push(await runCase(path, runner));
        bar.update(results.length, cases.length);
      }
      return runner.name;
    }).finally(() => bar.finish());
    const count = (outcome: CaseResult['outcome']): number => results.filter((r) => r.outcome === outcome).length;
    const counts = { passed: count('passed'), failed: count('failed'), unsupported: count('unsupported') };
    const report = { backend: options.backend, adapter, tolerance: TOLERANCE, ...counts, results };
    output.out(`${options.json ? JSON.stringify(report, null, 2) : formatReport(results, adapter)}\n`);
    if (counts.failed > 0) throw new FoveaError(`${counts.failed} of ${results.length} cases failed`);
  },
});
