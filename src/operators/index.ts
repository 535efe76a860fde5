import { type DataType, sizeOf, type ValueInfo } from '../tensor';
import { check } from './checks';
import type { AttributesOf, OperatorRecord } from './operator';
import * as records from './records';

export type Operator = keyof typeof records;

/** The attributes of every operator, by its name. */
export type OperatorAttributes = { readonly [O in Operator]: AttributesOf<(typeof records)[O]> };

const byName = new Map<string, OperatorRecord>(Object.entries(records));

/** The facts about an operator. @throws ShapeError for a name that is none */
export function recordOf<O extends Operator>(op: O): OperatorRecord<OperatorAttributes[O]> {
  const record = byName.get(op);
  check(record !== undefined, `there is no operator "${op}"`);
  return record as OperatorRecord<OperatorAttributes[O]>;
}

/**
 * The shapes and types of an operator's outputs.
 *
 * @throws ShapeError with the values that do not fit
 */
export function inferOutputs<O extends Operator>(
  op: O,
  inputs: readonly ValueInfo[],
  attributes: OperatorAttributes[O],
): ValueInfo[] {
  const { arity, anyType, words = {}, infer } = recordOf(op);
  const [least, most] = typeof arity === 'number' ? [arity, arity] : arity;
  const range = most === Infinity ? `${least} or more` : least === most ? `${least}` : `${least} to ${most}`;
  const noun = range === '1' ? 'input' : 'inputs';
  check(inputs.length >= least && inputs.length <= most, `${op} takes ${range} ${noun}, got ${inputs.length}`);
  const wrong: DataType | undefined = inputs.find((i) => i.dtype !== 'float32')?.dtype;
  check(anyType || !wrong, `${op} takes float32, got ${wrong}`);
  for (const [name, allowed] of Object.entries<readonly unknown[] | undefined>(words)) {
    const value = attributes[name as keyof OperatorAttributes[O]];
    if (!allowed!.includes(value)) check(false, `${name} must be ${allowed!.join(' or ')}, got ${value}`);
  }
  const outputs = infer(inputs, attributes);
  for (const { shape } of outputs) sizeOf(shape);
  return outputs;
}
