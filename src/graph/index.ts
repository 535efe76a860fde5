/** `fovea/graph`: networks written by hand, from any operator. */
export type { Operator, OperatorAttributes } from '../operators';
export { BINARY_FUNCTIONS, type BinaryFunction } from '../operators/binary';
export * from '../operators/epilogue';
export { REDUCE_FUNCTIONS, type ReduceFunction } from '../operators/reduce';
export { UNARY_FUNCTIONS, type UnaryAttributes, type UnaryFunction } from '../operators/unary';
export type { Padding, Pair, Window } from '../operators/window';
export { GraphBuilder } from './builder';
export type { Graph, GraphNode, ValueInfo } from './graph';
export { type GraphStatistics, graphStatistics, type NodeStatistics } from './statistics';
