import type { GraphNode } from '../graph/graph';
import type { Operator } from '../operators';
import type { Tensor, ValueInfo } from '../tensor';

/** One node made ready on one worker: what it reads and writes are views of the program's memory. */
export interface Kernel {
  /** How many parts the work has. Any worker may run any part, in any order. */
  readonly parts: number;
  /** Numbers of private memory that a part works in; it finds them in any state. */
  readonly scratchSize?: number;
  run(part: number, scratch: Float32Array): void;
}

/** A constant as a kernel wants it, made once at load. */
export interface Packing {
  readonly size: number;
  pack(constant: Tensor, packed: Float32Array): void;
}

/** What is known of a node before its values are. */
export interface NodeShapes {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** A way to run the nodes of one operator. */
export interface KernelFamily<O extends Operator = Operator> {
  /**
   * Whether it runs this node; the reference runs those that no family does.
   *
   * @param isConstant whether the second input is known at load and finite, as weights are
   */
  fits(node: GraphNode<O>, shapes: NodeShapes, isConstant: boolean): boolean;
  /** How the second input is to be packed if it is a constant, for a family that wants that. */
  packing?(node: GraphNode<O>, shapes: NodeShapes): Packing;
  /** @param inputs the second is `[size]` if it is packed */
  bind(node: GraphNode<O>, inputs: readonly Tensor[], outputs: readonly Tensor[], shapes: NodeShapes): Kernel;
}
