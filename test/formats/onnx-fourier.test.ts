import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { node } from './onnx-example-parts';
import { onnxFile } from './onnx-file';

describe('a Fourier transform', () => {
  it.each([1, 2, 97, 130, 131, 1000, 1021])('of %i samples is the sum that defines it', (n) => {
    const file = onnxFile({
      opset: 20,
      inputs: [{ name: 'x', dims: [1, n, 2] }],
      outputs: ['y'],
      nodes: [node('DFT', 'x', 'y')],
    });
    const x = Tensor.float32(
      [1, n, 2],
      Float32Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i)),
    );
    const y = runReference(importOnnx(file), { x }).get('y')!.data;
    for (const k of [0, 1, Math.floor(n / 2), n - 1].filter((at) => at < n)) {
      let [real, imaginary] = [0, 0];
      for (let j = 0; j < n; j++) {
        const angle = (-2 * Math.PI * j * k) / n;
        real += x.data[2 * j] * Math.cos(angle) - x.data[2 * j + 1] * Math.sin(angle);
        imaginary += x.data[2 * j] * Math.sin(angle) + x.data[2 * j + 1] * Math.cos(angle);
      }
      // Matrices and each step's results are float32: some roundings of sums as large as √n.
      const tolerance = 1e-6 * Math.sqrt(n);
      expect(Math.abs(y[2 * k] - real)).toBeLessThan(tolerance);
      expect(Math.abs(y[2 * k + 1] - imaginary)).toBeLessThan(tolerance);
    }
  });

  it('of a real signal comes back from its first half, of even and odd length', () => {
    for (const n of [8, 9]) {
      const file = onnxFile({
        opset: 20,
        inputs: [{ name: 'x', dims: [1, n, 1] }],
        outputs: ['h', 'y'],
        initializers: [{ name: 'n', type: 7, dims: [], int64s: [n] }],
        nodes: [node('DFT', 'x', 'h', { onesided: 1 }), node('DFT', 'h n', 'y', { onesided: 1, inverse: 1 })],
      });
      const x = Tensor.float32(
        [1, n, 1],
        Float32Array.from({ length: n }, (_, i) => Math.cos(i * i)),
      );
      const results = runReference(importOnnx(file), { x });
      expect(results.get('h')?.shape).toEqual([1, 5, 2]);
      const y = results.get('y')!;
      expect(y.shape).toEqual([1, n, 1]);
      for (let i = 0; i < n; i++) expect(y.data[i]).toBeCloseTo(x.data[i], 6);
    }
  });
});

describe('random numbers', () => {
  const numbers = (op: string, attributes: Parameters<typeof node>[3] = {}): ArrayLike<number> => {
    const file = onnxFile({
      inputs: [{ name: 'x', dims: [40, 50] }],
      outputs: ['y'],
      nodes: [node(op, 'x', 'r', attributes), node('Add', 'x r', 'y')],
    });
    return runReference(importOnnx(file), { x: Tensor.float32([40, 50]) }).get('y')!.data;
  };
  const mean = (list: ArrayLike<number>): number => Array.from(list).reduce((sum, v) => sum + v, 0) / list.length;

  it('are the same for one seed, and others for another', () => {
    const first = numbers('RandomNormalLike', { seed: { f: 3 } });
    expect(numbers('RandomNormalLike', { seed: { f: 3 } })).toEqual(first);
    expect(numbers('RandomNormalLike', { seed: { f: 4 } })).not.toEqual(first);
    expect(numbers('RandomUniformLike')).toEqual(numbers('RandomUniformLike'));
  });

  it('have the mean, the spread and the bounds that they are asked for', () => {
    const normal = numbers('RandomNormalLike', { mean: { f: 2 }, scale: { f: 0.5 } });
    // 2,000 numbers: the mean is within four standard errors.
    expect(Math.abs(mean(normal) - 2)).toBeLessThan((4 * 0.5) / Math.sqrt(2000));
    const spread = Math.sqrt(mean(Array.from(normal, (v) => (v - 2) ** 2)));
    expect(Math.abs(spread - 0.5)).toBeLessThan((4 * 0.5) / Math.sqrt(4000));
    const uniform = Array.from(numbers('RandomUniformLike', { low: { f: -1 }, high: { f: 3 } }));
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...uniform)).toBeLessThan(3);
    expect(Math.abs(mean(uniform) - 1)).toBeLessThan((4 * 4) / Math.sqrt(12 * 2000));
  });
});
