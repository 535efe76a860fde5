import fc from 'fast-check';
import { expect } from 'vitest';
import { ModelFormatError } from '../../src/errors';

/** Cuts a good file short and overwrites bytes of it; the reader must accept the result or throw ModelFormatError. */
export function expectToSurviveDamage(good: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(edits, fc.nat(good.length), (changes, length) => {
      const damaged = good.slice();
      for (const [at, byte] of changes) damaged[at] = byte;
      try {
        read(damaged.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFormatError);
      }
    }),
    { numRuns: 2000 },
  );
}
