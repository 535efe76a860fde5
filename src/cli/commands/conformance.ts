import { ArgumentError, FoveaError } from '../../errors';
import { BACKEND_OPTIONS, openBackend } from '../backend';
import { defineCommand } from '../command';
import { type CaseResult, findCases, formatReport, runCase, TOLERANCE } from '../conformance';
import { ProgressBar } from '../progress';

/** Runs a folder of ONNX node tests. */
export const conformance = defineCommand({
  name: 'conformance',
  usage: 'DIR',
  summary: "run ONNX's node tests: how many pass, fail, and are not supported, and why",
  details: 'DIR holds folders with a model.onnx and test_data_set_* each. Fails when a case fails.',
  options: BACKEND_OPTIONS,
  async run([folder, ...more], options, output) {
    if (folder === undefined) throw new ArgumentError('conformance needs a folder');
    if (more.length > 0) throw new ArgumentError(`conformance takes one folder, got "${more[0]}" beside "${folder}"`);
    const cases = findCases(folder);
    const backend = await openBackend(options, output);
    const bar = new ProgressBar(output, 'cases');
    const results: CaseResult[] = [];
    try {
      for (const path of cases) {
        const result = await runCase(path, async (graph, inputs, outputs) => {
          const network = await backend.load(graph);
          try {
            return await network.run(inputs, outputs);
          } finally {
            network.dispose();
          }
        });
        results.push(result);
        bar.update(results.length, cases.length);
      }
    } finally {
      bar.finish();
      backend.dispose();
    }
    const count = (outcome: CaseResult['outcome']): number => results.filter((r) => r.outcome === outcome).length;
    const counts = { passed: count('passed'), failed: count('failed'), unsupported: count('unsupported') };
    const report = { backend: backend.name, adapter: backend.adapter, tolerance: TOLERANCE, ...counts, results };
    output.out(`${options.json ? JSON.stringify(report, null, 2) : formatReport(results, backend.adapter)}\n`);
    if (counts.failed > 0) throw new FoveaError(`${counts.failed} of ${results.length} cases failed`);
  },
});
