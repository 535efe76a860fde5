import { expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { runOnnxRuntime } from '../support/onnx-runtime';
import { grid, ints, model, node, wave } from './onnx-example-parts';
import { onnxFile } from './onnx-file';

const SHAPE = [2, 4, 3, 3, 4];
const x = Tensor.float32(
  SHAPE,
  Float32Array.from({ length: 2 * 4 * 3 * 3 * 4 }, (_, i) => Math.sin(i * 0.7)),
);

const attention = (inputs: string) => ({
  ...node('MultiHeadAttention', inputs, 'y', { num_heads: 3 }),
  domain: 'com.microsoft',
});
const parts = ['q', 'k', 'v'].map((name, i) => grid(`${name}at`, [], [i]));
const unpack = ['q', 'k', 'v'].flatMap((name) => [
  node('Gather', `x ${name}at`, `${name}4`, { axis: 3 }),
  node('Reshape', `${name}4 flat`, name),
]);

// ONNX Runtime's CPU kernel does not take packed inputs, so it answers the same with three.
it('MultiHeadAttention gives the same with queries, keys and values packed in one, and with keys and values packed', async () => {
  const initializers = [...parts, ints('flat', 2, 4, 12), ints('both', 1, 2), wave('b', [36])];
  const apart = onnxFile(model(17, SHAPE, [...unpack, attention('q k v b')], initializers));
  const packed = onnxFile(model(17, SHAPE, [attention('x - - b')], initializers));
  const keysAndValues = [...unpack, node('Gather', 'x both', 'kv', { axis: 3 }), attention('q kv - b')];
  const expected = (await runOnnxRuntime(apart, { x })).get('y')!;
  expect(expected.shape).toEqual([2, 4, 12]);
  for (const file of [packed, onnxFile(model(17, SHAPE, keysAndValues, initializers))]) {
    expectClose(runReference(importOnnx(file), { x }).get('y')!, expected, { ofLargest: 1e-5 }, 'y');
  }
});
