import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, findCases, formatReport, runCase } from '../../src/cli/conformance';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ReferenceRunner } from '../../src/reference/runner';

/** Node tests of ONNX that test/outside/node_tests.py chose: the files of each, in base64. */
const packed: Record<string, Record<string, string>> = JSON.parse(
  gunzipSync(readFileSync(new URL('./goldens/node-tests.json.gz', import.meta.url))).toString(),
);

/** Tests that are refused, and why. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'test_bitcast_(scalar_|2d_)?float32_to_int32': /reads the bits of float32 as int32/,
  test_bitcast_int32_to_float32: /reads the bits of int32 as float32/,
  'test_bitcast_(float64_to_int64|int64_to_float64|uint32_to_int32)': /does not fit int32/,
  'test_cast_e8m0_FLOAT(16)?_to_FLOAT8E8M0': /rounds to float8e8m0/,
  test_scan_sum: /before opset 9 it scans sequences/,
  'test_optional_(get|has)_element_(optional_sequence|optional_tensor|sequence|empty_optional_input|optional_input|tensor_input)':
    /is not a tensor/,
};

describe.each(['cpu', 'gpu'] as const)("ONNX's node tests of rarer operators on the %s", (backend) => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-node-tests-'));
  let results: CaseResult[];

  beforeAll(async () => {
    for (const [test, files] of Object.entries(packed)) {
      for (const [name, data] of Object.entries(files)) {
        const path = join(folder, test, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, Buffer.from(data, 'base64'));
      }
    }
    const runner = backend === 'cpu' ? new ReferenceRunner() : await Engine.create({ gpu: await createNodeGpu() });
    results = [];
    for (const path of findCases(folder)) results.push(await runCase(path, runner));
    runner.dispose();
  }, 5 * 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('pass, but for those that are refused for a known reason', () => {
    const reasonOf = (test: string): RegExp | undefined =>
      Object.entries(REFUSED).find(([name]) => new RegExp(`^${name}$`).test(test))?.[1];
    const unexpected = results.filter(({ test, outcome, reason }) => {
      const refusal = reasonOf(test);
      return refusal ? outcome !== 'unsupported' || !refusal.test(reason) : outcome !== 'passed';
    });
    expect(unexpected, formatReport(results, backend)).toEqual([]);
    expect(results.length).toBe(Object.keys(packed).length);
  });
});
