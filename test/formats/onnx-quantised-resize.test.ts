import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';
import { floats, node, scalar } from './onnx-example-parts';
import { onnxFile } from './onnx-file';

const SCALE = 66.2129;
const SIDE = 16;

/** A picture of bytes that is enlarged between DequantizeLinear and QuantizeLinear, as quantisers write it. */
const enlarging = (after: number) =>
  importOnnx(
    onnxFile({
      opset: 21,
      inputs: [{ name: 'x', dims: [1, 1, SIDE, SIDE], type: 2 }],
      outputs: ['y'],
      nodes: [
        node('DequantizeLinear', 'x scale', 'f'),
        node('Resize', 'f - scales', 'g', { mode: 'linear' }),
        node('QuantizeLinear', 'g after', 'y'),
      ],
      initializers: [scalar('scale', SCALE), scalar('after', after), floats('scales', 1, 1, 2, 2)],
    }),
  );

const random = new Random(4);
const x = Tensor.int32(
  [1, 1, SIDE, SIDE],
  Array.from({ length: SIDE * SIDE }, () => Math.floor(random.next() * 256)),
);

/** The exact mean of four neighbours, nine to three to three to one. */
function between(row: number, column: number): number {
  const near = (at: number) => Math.floor(at / 2);
  const far = (at: number) => Math.min(SIDE - 1, Math.max(0, near(at) + (at % 2 === 0 ? -1 : 1)));
  const at = (r: number, c: number): number => x.data[r * SIDE + c];
  const sum =
    9 * at(near(row), near(column)) +
    3 * (at(far(row), near(column)) + at(near(row), far(column))) +
    at(far(row), far(column));
  return sum / 16;
}

const toEven = (value: number): number => {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
};

describe('Resize between DequantizeLinear and QuantizeLinear', () => {
  const exact = Array.from({ length: 4 * SIDE * SIDE }, (_, i) => between(Math.floor(i / 2 / SIDE), i % (2 * SIDE)));

  it('rounds halves of a step to even steps, whatever the size of a step', () => {
    const y = runReference(enlarging(SCALE), { x }).get('y')!;
    expect(exact.filter((value) => value % 1 === 0.5).length).toBeGreaterThan(10);
    expect([...y.data]).toEqual(exact.map(toEven));
  });

  it('needs no division, which GPUs round as they like', () => {
    const divides = (after: number): boolean =>
      enlarging(after).nodes.some(({ op, attributes }) => op === 'binary' && attributes.fn === 'div');
    expect([SCALE, 2 * SCALE].map(divides)).toEqual([false, true]);
  });

  it('divides by a step of another size', () => {
    const y = runReference(enlarging(2 * SCALE), { x }).get('y')!;
    for (const [i, value] of y.data.entries()) expect(Math.abs(value - exact[i] / 2)).toBeLessThanOrEqual(0.5 + 1e-4);
  });
});
