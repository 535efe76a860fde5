import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tolerance } from '../../src/compare-tensors';
import { GraphBuilder } from '../../src/graph/builder';
import type { Operator, OperatorAttributes } from '../../src/operators';
import { BINARY_FUNCTIONS } from '../../src/operators/binary';
import * as records from '../../src/operators/records';
import { REDUCE_FUNCTIONS } from '../../src/operators/reduce';
import { UNARY_FUNCTIONS } from '../../src/operators/unary';
import { runReference } from '../../src/reference';
import { type DataType, type Shape, Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';

interface EncodedTensor {
  readonly dtype: DataType;
  readonly shape: Shape;
  /** Little-endian, in base64. */
  readonly data: string;
}

interface Golden {
  readonly op: Operator;
  readonly name: string;
  readonly attributes: OperatorAttributes[Operator];
  readonly inputs: readonly EncodedTensor[];
  readonly outputs: readonly EncodedTensor[];
}

/** PyTorch computed in float64 and rounded once, as the reference does: half a unit each, and float64's own noise. */
const ONE_ROUNDING: Tolerance = { relative: 2 ** -23, ofLargest: 1e-13 };
/** Float32 throughout, sums of up to some tens of terms in another order: some tens of half units of the largest. */
const FLOAT32_THROUGHOUT: Tolerance = { ofLargest: 32 * 2 ** -24 };
/** Values that only move. */
const EXACT: Tolerance = {};

/** By the file's name; PyTorch's rule for all others. */
const TOLERANCES: Readonly<Record<string, Tolerance>> = { numpy: EXACT, onnxruntime: FLOAT32_THROUGHOUT };

const folder = new URL('goldens/', import.meta.url);
const suites = readdirSync(folder).map((file) => {
  const goldens: readonly Golden[] = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  return { name: basename(file, '.json'), goldens };
});

for (const { name, goldens } of suites) {
  describe(`the references agree with ${name}.json`, () => {
    for (const golden of goldens) {
      // PyTorch's coordinates and weights of a resize are float32 even where its sums are not.
      const resizes = golden.op === 'resize2d' || golden.op === 'upsample-conv2d';
      const bound = resizes ? FLOAT32_THROUGHOUT : (TOLERANCES[name] ?? ONE_ROUNDING);
      it(`${golden.op}: ${golden.name}`, () => check(golden, bound));
    }
  });
}

describe('the goldens', () => {
  const all = suites.flatMap(({ goldens }) => goldens);
  const functionsOf = (op: 'unary' | 'binary' | 'reduce'): Set<string> =>
    new Set(all.filter((golden) => golden.op === op).map((golden) => (golden.attributes as { fn: string }).fn));

  it('have a case of every operator', () => {
    expect(new Set(all.map((golden) => golden.op))).toEqual(new Set(Object.keys(records)));
  });

  it('have a case of every unary, binary and reduction function', () => {
    expect(functionsOf('unary')).toEqual(new Set(UNARY_FUNCTIONS));
    expect(functionsOf('binary')).toEqual(new Set(BINARY_FUNCTIONS));
    expect(functionsOf('reduce')).toEqual(new Set(REDUCE_FUNCTIONS));
  });
});

/** Builds a graph of the one node, so that the shape rule is held to the golden too, and compares what it gives. */
function check(golden: Golden, tolerance: Tolerance): void {
  const builder = new GraphBuilder('golden');
  const inputs = golden.inputs.map(decode);
  const names = inputs.map((tensor, i) => builder.input(`input${i}`, tensor.shape, tensor.dtype));
  const outputs = builder.add(golden.op, names, golden.attributes);
  const expected = golden.outputs.map(decode);
  expect(outputs.map((name) => builder.info(name))).toEqual(expected.map(({ shape, dtype }) => ({ shape, dtype })));

  const results = runReference(
    builder.build(outputs),
    Object.fromEntries(names.map((name, i) => [name, inputs[i]] as const)),
  );
  for (const [i, name] of outputs.entries()) {
    const actual = results.get(name)!;
    expect(actual.dtype).toBe(expected[i].dtype);
    expectClose(actual, expected[i], tolerance);
  }
}

function decode({ dtype, shape, data }: EncodedTensor): Tensor {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  switch (dtype) {
    case 'float32':
      return Tensor.float32(shape, new Float32Array(bytes.buffer));
    case 'int32':
      return Tensor.int32(shape, new Int32Array(bytes.buffer));
    case 'bool':
      return Tensor.bool(shape, bytes);
  }
}
