import { Builder } from 'flatbuffers';
import { OPERATORS, type OperatorName, type OptionField, TENSOR_TYPE } from './schema';

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** A constant's numbers. Other tensors are float32. */
  readonly data?: Float32Array | Int32Array;
}

export interface TfliteOperator {
  readonly operator: OperatorName;
  /** Places among the tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: readonly OptionField[];
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const VERSION = 3;
const IDENTIFIER = 'TFL3';
/** Buffers are mapped into memory as they lie in the file. */
const BUFFER_ALIGNMENT = 16;

/** The bytes of a `.tflite` file. */
export function writeTflite({ tensors, operators, inputs, outputs }: TfliteModel): Uint8Array {
  const builder = new Builder(1024 + tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0));
  // Buffer 0 is empty by convention, and that of all tensors that are computed.
  const constants = tensors.flatMap(({ data }) => data ?? []);
  const buffers = [undefined, ...constants].map((data) => writeBuffer(builder, data));
  let buffer = 0;
  const tensorTables = tensors.map((tensor) => writeTensor(builder, tensor, tensor.data ? ++buffer : 0));
  const used = [...new Set(operators.map(({ operator }) => operator))];
  const codes = used.map((operator) => writeCode(builder, operator));
  const operatorTables = operators.map((operator) => writeOperator(builder, operator, used.indexOf(operator.operator)));

  const fields = [
    vectorOf(builder, tensorTables),
    ints(builder, inputs),
    ints(builder, outputs),
    vectorOf(builder, operatorTables),
  ];
  const subgraph = table(builder, 5, () => {
    for (const [field, offset] of fields.entries()) builder.addFieldOffset(field, offset, 0);
  });
  const codeVector = vectorOf(builder, codes);
  const subgraphs = vectorOf(builder, [subgraph]);
  const bufferVector = vectorOf(builder, buffers);
  const model = table(builder, 5, () => {
    builder.addFieldInt32(0, VERSION, 0);
    builder.addFieldOffset(1, codeVector, 0);
    builder.addFieldOffset(2, subgraphs, 0);
    builder.addFieldOffset(4, bufferVector, 0);
  });
  builder.finish(model, IDENTIFIER);
  return builder.asUint8Array();
}

/** @returns the table's offset */
function table(builder: Builder, fields: number, add: () => void): number {
  builder.startObject(fields);
  add();
  return builder.endObject();
}

function vectorOf(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

function ints(builder: Builder, values: readonly number[]): number {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addInt32(value);
  return builder.endVector();
}

function writeBuffer(builder: Builder, data: TfliteTensor['data']): number {
  if (!data) return table(builder, 1, () => {});
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  builder.prep(BUFFER_ALIGNMENT, bytes.byteLength);
  const vector = builder.createByteVector(bytes);
  return table(builder, 1, () => builder.addFieldOffset(0, vector, 0));
}

function writeTensor(builder: Builder, { name, shape, data }: TfliteTensor, buffer: number): number {
  const [shapeVector, nameText] = [ints(builder, shape), builder.createString(name)];
  return table(builder, 8, () => {
    builder.addFieldOffset(0, shapeVector, 0);
    builder.addFieldInt8(1, data instanceof Int32Array ? TENSOR_TYPE.int32 : TENSOR_TYPE.float32, 0);
    builder.addFieldInt32(2, buffer, 0);
    builder.addFieldOffset(3, nameText, 0);
  });
}

function writeCode(builder: Builder, operator: OperatorName): number {
  const { code, version } = OPERATORS[operator];
  return table(builder, 4, () => {
    // Old readers know the first field, new ones the last.
    builder.addFieldInt8(0, code, 0);
    builder.addFieldInt32(2, version, 1);
    builder.addFieldInt32(3, code, 0);
  });
}

function writeOperator(builder: Builder, { operator, inputs, outputs, options }: TfliteOperator, code: number): number {
  const { options: optionsType } = OPERATORS[operator];
  const [inputVector, outputVector] = [ints(builder, inputs), ints(builder, outputs)];
  const optionsTable = optionsType === 0 ? 0 : table(builder, 8, () => writeOptions(builder, options));
  return table(builder, 9, () => {
    builder.addFieldInt32(0, code, 0);
    builder.addFieldOffset(1, inputVector, 0);
    builder.addFieldOffset(2, outputVector, 0);
    builder.addFieldInt8(3, optionsType, 0);
    builder.addFieldOffset(4, optionsTable, 0);
  });
}

function writeOptions(builder: Builder, fields: readonly OptionField[]): void {
  for (const [field, type, value] of fields) {
    if (type === 'byte') builder.addFieldInt8(field, value, 0);
    // No default: a dilation of 1 is written, too.
    else if (type === 'int') builder.addFieldInt32(field, value, Number.NaN);
    else builder.addFieldFloat32(field, value, 0);
  }
}
