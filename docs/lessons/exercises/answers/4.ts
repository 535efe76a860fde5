import type { Graph, GraphNode } from '../../../../src/graph/graph';
import { yours } from '../yours';

/**
 * Exercise 1: bytes that cross memory in a chain of steps over so many float32 values, each of which reads the values
 * of the one before and writes as many; and when all steps are one kernel.
 */
export const trafficOf: (values: number, steps: number, isFused: boolean) => number = yours;

/** Exercise 2: whether the one node that reads this node's output may be computed in this node's kernel. */
export const mayFuse: (graph: Graph, node: GraphNode) => boolean = yours;
