// The part of TensorFlow Lite's schema (tensorflow/lite/schema/schema.fbs) that the benchmark's networks need: numbers of
// operators, of the tables with their options, and of the fields of these tables.

export const TENSOR_TYPE = { float32: 0, int32: 2 } as const;
export const PADDING = { same: 0, valid: 1 } as const;
export const ACTIVATION = { none: 0, relu: 1, relu6: 3 } as const;

/** A field of a table of options: its number in the table, and what is written. */
export type OptionField = readonly [field: number, type: 'byte' | 'int' | 'float', value: number];

/** `options`: the table's number in the union of options; 0 for none. `version`: the oldest that has all fields in use. */
export interface OperatorKind {
  readonly code: number;
  readonly version: number;
  readonly options: number;
}

const kind = (code: number, options = 0, version = 1): OperatorKind => ({ code, version, options });

export const OPERATORS = {
  ADD: kind(0, 11),
  AVERAGE_POOL_2D: kind(1, 5),
  CONCATENATION: kind(2, 10),
  CONV_2D: kind(3, 1),
  DEPTHWISE_CONV_2D: kind(4, 2, 2),
  FULLY_CONNECTED: kind(9, 8),
  LOGISTIC: kind(14),
  MAX_POOL_2D: kind(17, 5),
  MUL: kind(18, 21),
  RELU: kind(19),
  RELU6: kind(21),
  RESHAPE: kind(22, 17),
  RESIZE_BILINEAR: kind(23, 15, 3),
  SOFTMAX: kind(25, 9),
  TANH: kind(28),
  PAD: kind(34, 22),
  TRANSPOSE: kind(39, 26),
  MEAN: kind(40, 27),
  SUB: kind(41, 28),
  DIV: kind(42, 29),
  STRIDED_SLICE: kind(45, 32),
  EXP: kind(47, 33),
  MAXIMUM: kind(55, 39),
  MINIMUM: kind(57, 39),
  TRANSPOSE_CONV: kind(67, 49, 3),
  REDUCE_MAX: kind(82, 27),
  RESIZE_NEAREST_NEIGHBOR: kind(97, 74, 3),
  HARD_SWISH: kind(117),
} as const satisfies Record<string, OperatorKind>;

export type OperatorName = keyof typeof OPERATORS;

const byte = (field: number, value: number): OptionField => [field, 'byte', value];
const int = (field: number, value: number): OptionField => [field, 'int', value];

type Pair = readonly [vertical: number, horizontal: number];

/** Makes the fields of each table of options. */
export const options = {
  conv2d: (
    padding: number,
    [strideH, strideW]: Pair,
    activation: number,
    [dilationH, dilationW]: Pair,
  ): OptionField[] => [
    byte(0, padding),
    int(1, strideW),
    int(2, strideH),
    byte(3, activation),
    int(4, dilationW),
    int(5, dilationH),
  ],
  depthwise: (
    padding: number,
    [strideH, strideW]: Pair,
    multiplier: number,
    activation: number,
    [dilationH, dilationW]: Pair,
  ): OptionField[] => [
    byte(0, padding),
    int(1, strideW),
    int(2, strideH),
    int(3, multiplier),
    byte(4, activation),
    int(5, dilationW),
    int(6, dilationH),
  ],
  pool: (padding: number, [strideH, strideW]: Pair, [height, width]: Pair): OptionField[] => [
    byte(0, padding),
    int(1, strideW),
    int(2, strideH),
    int(3, width),
    int(4, height),
  ],
  transposeConv: (padding: number, [strideH, strideW]: Pair): OptionField[] => [
    byte(0, padding),
    int(1, strideW),
    int(2, strideH),
  ],
  concatenation: (axis: number): OptionField[] => [int(0, axis)],
  /** Of a fully connected layer and of elementwise arithmetic. */
  activation: (activation: number): OptionField[] => [byte(0, activation)],
  softmax: (): OptionField[] => [[0, 'float', 1]],
  reducer: (): OptionField[] => [byte(0, 1)],
  resizeBilinear: (halfPixel: boolean): OptionField[] => [byte(3, Number(halfPixel))],
  none: (): OptionField[] => [],
};
