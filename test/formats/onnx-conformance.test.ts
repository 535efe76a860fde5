import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, findCases, formatReport, runCase, toleranceOf } from '../../src/cli/conformance';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import type { OnnxTensor } from '../../src/formats/onnx/tensors';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { shared } from '../support/shared';

/** All that may be unsupported: volumes, training, and an output that a picture's network does not need. */
const REASONS: readonly (readonly [operator: RegExp, reason: RegExp])[] = [
  [/^(Conv|ConvTranspose|MaxPool|AveragePool|LpPool)$/, /^its input has rank 5, and images have rank 4 or 3$/],
  [/^BatchNormalization$/, /^it is in training mode$/],
];

const folder = shared('onnx/node-tests');

describe.skipIf(!folder).each(['cpu', 'gpu'] as const)("ONNX's own node tests on the %s", (backend) => {
  let results: CaseResult[];

  beforeAll(async () => {
    results = await runAll(
      backend === 'cpu' ? new ReferenceRunner() : await Engine.create({ gpu: await createNodeGpu() }),
    );
  }, 10 * 60_000);

  it('fail in no case, and pass in 400 or more', () => {
    const report = formatReport(results, backend);
    expect(
      results.filter((r) => r.outcome === 'failed'),
      report,
    ).toEqual([]);
    expect(results.filter((r) => r.outcome === 'passed').length, report).toBeGreaterThanOrEqual(400);
  });

  it('are unsupported for a reason that holds up alone', () => {
    for (const { outcome, test, operator, reason } of results) {
      const expected = REASONS.some(([operators, reasons]) => operators.test(operator) && reasons.test(reason));
      expect(outcome !== 'unsupported' || expected, `${test} (${operator}): ${reason}`).toBe(true);
    }
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

  it('is that of ONNX for floats, a step of bfloat16 for bfloat16, and nothing for integers and booleans', () => {
    for (const float of [1, 10, 11] as const)
      expect(toleranceOfType(float)).toEqual({ relative: 1e-3, absolute: 1e-5 });
    expect(toleranceOfType(16)).toEqual({ relative: 2 ** -7, absolute: 1e-5 });
    for (const exact of [6, 7, 9] as const) expect(toleranceOfType(exact)).toEqual({});
  });
});
