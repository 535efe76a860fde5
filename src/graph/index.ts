/** `fovea/graph`: networks written by hand, from any operator. */
export { GraphBuilder } from './builder';
export type { Graph, GraphNode, ValueInfo } from './graph';
export * from './operators';
export { type GraphStatistics, graphStatistics, type NodeStatistics } from './statistics';
