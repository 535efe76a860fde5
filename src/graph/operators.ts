export type { Operator, OperatorAttributes } from '../operators';
export { BINARY_FUNCTIONS, type BinaryFunction } from '../operators/binary';
export * from '../operators/epilogue';
export { REDUCE_FUNCTIONS, type ReduceFunction } from '../operators/reduce';
export { UNARY_FUNCTIONS, type UnaryAttributes, type UnaryFunction } from '../operators/unary';
export type { Padding, Pair, Window } from '../operators/window';
