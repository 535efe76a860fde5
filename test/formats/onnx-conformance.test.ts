import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, findCases, formatReport, runCase, toleranceOf } from '../../src/cli/conformance';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import type { OnnxTensor } from '../../src/formats/onnx/tensors';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { shared } from '../support/shared';

const folder = shared('onnx/node-tests');

describe.skipIf(!folder).each(['cpu', 'gpu'] as const)("ONNX's own node tests on the %s", (backend) => {
  let results: CaseResult[];

  beforeAll(async () => {
    results = await runAll(
      backend === 'cpu' ? new ReferenceRunner() : await Engine.create({ gpu: await createNodeGpu() }),
    );
  }, 10 * 60_000);

  it('fail in no case, are refused in none, and pass in 512 or more', () => {
    const report = formatReport(results, backend);
    expect(
      results.filter((r) => r.outcome !== 'passed'),
      report,
    ).toEqual([]);
    expect(results.filter((r) => r.outcome === 'passed').length, report).toBeGreaterThanOrEqual(512);
  });
});

async function runAll(runner: Runner): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  try {
    for (const path of folder ? findCases(folder) : []) results.push(await runCase(path, runner));
  } finally {
    runner.dispose();
  }
  return results;
}

describe('the tolerance', () => {
  const toleranceOfType = (type: OnnxTensor['type']) =>
    toleranceOf({ name: 'y', type, shape: [1], data: Float32Array.of(1) });

  it('is that of ONNX for floats, eight roundings of bfloat16 for bfloat16, and nothing for integers and booleans', () => {
    for (const float of [1, 10, 11] as const)
      expect(toleranceOfType(float)).toEqual({ relative: 1e-3, absolute: 1e-5 });
    expect(toleranceOfType(16)).toEqual({ relative: 2 ** -6, absolute: 1e-5 });
    for (const exact of [6, 7, 9] as const) expect(toleranceOfType(exact)).toEqual({});
  });
});
