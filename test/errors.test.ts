import { expect, test } from 'vitest';
import { checkOptions } from '../src/arguments';
import * as errors from '../src/errors';

test('an error keeps its name when a minifier renames its class', () => {
  const { UnsupportedOperatorError, WebGPUUnavailableError, ...plain } = errors;
  for (const [name, Plain] of Object.entries(plain)) {
    const Renamed = class extends (Plain as typeof errors.FoveaError) {};
    expect(new Renamed('why').name).toBe(name);
    expect(String(new Renamed('why'))).toBe(`${name}: why`);
  }
  expect(new (class extends UnsupportedOperatorError {})([]).name).toBe('UnsupportedOperatorError');
  expect(new (class extends WebGPUUnavailableError {})('no-api', '').name).toBe('WebGPUUnavailableError');
});

test('an option that a call does not know is refused, with the nearest that it knows', () => {
  const known = { topK: true, threshold: true } as const;
  expect(() => checkOptions({ topK: 3 }, known)).not.toThrow();
  for (const [given, nearest] of [
    ['topk', 'topK'],
    ['treshold', 'threshold'],
  ]) {
    expect(() => checkOptions({ [given]: 3 } as object, known)).toThrow(
      `unknown option "${given}": is "${nearest}" meant?`,
    );
  }
  expect(() => checkOptions(5 as unknown as object, known)).toThrow('options must be an object, got 5');
});
