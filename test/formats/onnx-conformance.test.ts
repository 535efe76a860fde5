import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, compareTensors, findCases, formatReport, runCase } from '../../src/cli/conformance';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { Tensor } from '../../src/tensor';
import { shared } from '../support/shared';

/** All that may be unsupported: volumes, training, and an output that a picture's network does not need. */
const REASONS: readonly (readonly [operator: RegExp, reason: RegExp])[] = [
  [/^(Conv|ConvTranspose|MaxPool|AveragePool|LpPool)$/, /^its input has rank 5, and images have rank 4 or 3$/],
  [/^BatchNormalization$/, /^it is in training mode$/],
  [/^MaxPool$/, /^its indices output is used$/],
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

describe('the comparison with an expected tensor', () => {
  const expected = { name: 'y', type: 1, shape: [2], data: Float32Array.of(1, 100) } as const;

  it('passes within the tolerance and no further', () => {
    expect(compareTensors(Tensor.float32([2], [1.0005, 99.95]), expected)).toBeUndefined();
    expect(compareTensors(Tensor.float32([2], [1.002, 100]), expected)).toMatch(/^is 1.00.* at index 0, expected 1$/);
  });

  it('takes NaN for NaN alone, and an infinity for itself alone', () => {
    const odd = { ...expected, data: Float32Array.of(NaN, Infinity) };
    expect(compareTensors(Tensor.float32([2], [NaN, Infinity]), odd)).toBeUndefined();
    expect(compareTensors(Tensor.float32([2], [0, Infinity]), odd)).toMatch(/is 0 at index 0, expected NaN/);
    expect(compareTensors(Tensor.float32([2], [NaN, 3e38]), odd)).toMatch(/at index 1, expected Infinity/);
    expect(compareTensors(Tensor.float32([2], [NaN, 100]), expected)).toMatch(/is NaN at index 0, expected 1/);
  });

  it('wants another shape never and integers exactly', () => {
    expect(compareTensors(Tensor.float32([1, 2], [1, 100]), expected)).toBe('has shape [1, 2], expected [2]');
    const integers = { name: 'y', type: 7, shape: [2], data: Float64Array.of(10_000, 1) } as const;
    expect(compareTensors(Tensor.int32([2], [10_000, 1]), integers)).toBeUndefined();
    expect(compareTensors(Tensor.int32([2], [10_001, 1]), integers)).toMatch(/is 10001/);
  });
});
