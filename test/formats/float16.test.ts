import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16, fromFloat16Array, toFloat16, toFloat16Array } from '../../src/float16';

/** All finite halves in ascending order, from their definition: the table that rounding is checked against. */
const finiteHalves = Array.from({ length: 0x7c00 }, (_, bits) => {
  const [exponent, mantissa] = [bits >> 10, bits & 1023];
  return exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
});

describe('float16', () => {
  it('reads every finite half as its definition says', () => {
    expect(Array.from(finiteHalves.keys(), fromFloat16)).toEqual(finiteHalves);
    expect(fromFloat16(0x8000)).toBe(-0);
    expect(fromFloat16(0xc000)).toBe(-2);
    expect(fromFloat16(0x7c00)).toBe(Infinity);
    expect(fromFloat16(0xfc00)).toBe(-Infinity);
    expect(fromFloat16(0x7e01)).toBeNaN();
  });

  it('writes every half that it reads back unchanged', () => {
    for (let bits = 0; bits <= 0xffff; bits++) {
      const value = fromFloat16(bits);
      if (!Number.isNaN(value)) expect(toFloat16(value)).toBe(bits);
    }
    expect(fromFloat16(toFloat16(NaN))).toBeNaN();
  });

  it('rounds halfway cases to the even neighbour, subnormals and the step to infinity among them', () => {
    const bounds = [...finiteHalves, 65536];
    for (let low = 0; low < 0x7c00; low++) {
      const middle = (bounds[low] + bounds[low + 1]) / 2;
      expect(toFloat16(middle)).toBe(low % 2 === 0 ? low : low + 1);
      expect(toFloat16(-middle)).toBe(0x8000 + (low % 2 === 0 ? low : low + 1));
    }
  });

  it('rounds any float32 to the nearest half', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = toFloat16(value);
        const error = Math.abs(fromFloat16(bits) - value);
        for (const neighbour of [bits - 1, bits + 1]) {
          if ((neighbour & 0x7fff) < 0x7c00)
            expect(error).toBeLessThanOrEqual(Math.abs(fromFloat16(neighbour) - value));
        }
      }),
    );
  });

  it('keeps infinity, and turns what is too large into it and what is too small into zero', () => {
    expect(toFloat16(Infinity)).toBe(0x7c00);
    expect(toFloat16(-1e30)).toBe(0xfc00);
    expect(toFloat16(65519.996)).toBe(0x7bff);
    expect(toFloat16(65520)).toBe(0x7c00);
    expect(toFloat16(2 ** -25)).toBe(0);
    expect(toFloat16(-(2 ** -25) * 1.001)).toBe(0x8001);
    expect(toFloat16(-0)).toBe(0x8000);
  });

  it('converts arrays element by element', () => {
    expect([...toFloat16Array([0, 1, -2])]).toEqual([0, 0x3c00, 0xc000]);
    expect([...fromFloat16Array([0, 0x3c00, 0xc000])]).toEqual([0, 1, -2]);
  });
});
