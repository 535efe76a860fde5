import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/errors';
import type { ValueInfo } from '../../src/graph/graph';
import type { Operator, OperatorAttributes } from '../../src/operators';
import { inferOutputs } from '../../src/operators';

export const float = (...shape: number[]): ValueInfo => ({ shape, dtype: 'float32' });
export const int = (...shape: number[]): ValueInfo => ({ shape, dtype: 'int32' });
export const bool = (...shape: number[]): ValueInfo => ({ shape, dtype: 'bool' });

const SHORT = { float32: '', int32: 'int32', bool: 'bool' };
const text = (values: readonly ValueInfo[]): string =>
  values.map(({ shape, dtype }) => `${SHORT[dtype]}[${shape.join(', ')}]`).join(' ') || 'nothing';

export interface Rules<O extends Operator> {
  /** What the operator makes of inputs. */
  gives(inputs: readonly ValueInfo[], attributes: OperatorAttributes[O], ...outputs: ValueInfo[]): void;
  /** What it says, whole, when it refuses. */
  refuses(inputs: readonly ValueInfo[], attributes: OperatorAttributes[O], message: string): void;
}

/** The tests of one operator's shape rule, a line each. */
export function rulesOf<O extends Operator>(op: O, body: (rules: Rules<O>) => void): void {
  describe(op, () => {
    body({
      gives: (inputs, attributes, ...outputs) =>
        it(`makes ${text(outputs)} of ${text(inputs)} with ${JSON.stringify(attributes)}`, () => {
          expect(inferOutputs(op, inputs, attributes)).toEqual(outputs);
        }),
      refuses: (inputs, attributes, message) =>
        it(`refuses ${text(inputs)} with ${JSON.stringify(attributes)}: ${message}`, () => {
          expect(() => inferOutputs(op, inputs, attributes)).toThrow(new ShapeError(message));
        }),
    });
  });
}
