import type { Shape, ValueInfo } from '../tensor';

/** Rows or columns of an image, both ends included. */
export type Range = readonly [first: number, last: number];

/** Which rows (axis 0) or columns (axis 1) of an input a range of the output's depends on. */
export type Sight = (range: Range, axis: 0 | 1) => Range;

/**
 * The facts about one operator with attributes `A`. No other part of Fovea keeps a table of such facts.
 * A value of rank 4 is an image batch `[N, C, H, W]`; its layout in GPU memory is the plan's business.
 */
export interface OperatorRecord<A extends object = object> {
  /** How many inputs it takes, or the least and the most. */
  readonly arity: number | readonly [least: number, most: number];
  /** Set when inputs may be int32 or bool; otherwise they are float32. */
  readonly anyType?: true;
  /** The words that an attribute may be. They are checked, since not all callers use TypeScript. */
  readonly words?: { readonly [K in keyof A]?: readonly A[K][] };
  /** Inputs that GPU kernels need as constants, since they pack them at load: weights, biases, statistics. */
  readonly constants?: readonly number[];
  /** The shapes and types of its outputs. @throws ShapeError with the values that do not fit */
  infer(inputs: readonly ValueInfo[], attributes: A): ValueInfo[];
  /**
   * Arithmetic operations by the definition, not by any kernel; 0 by default. A multiply-add counts two, any other
   * function of one or two numbers one. Padding counts as if it were multiplied, as is customary.
   *
   * @param output the first output's shape
   */
  flops?(attributes: A, inputs: readonly Shape[], output: Shape): number;
  /** An upper bound of the reference's steps, for operators whose steps depend on the data and not on `flops`. */
  steps?(inputs: readonly Shape[], output: Shape): number;
  /** Whether zero is sure to stay zero; false by default. */
  keepsZero?(attributes: A): boolean;
  /** The part of input `index` that a part of the output depends on; undefined, the default, for the whole input. */
  receptiveField?(attributes: A, inputs: readonly Shape[], output: Shape, index: number): Sight | undefined;
}

export type AttributesOf<R> = R extends OperatorRecord<infer A> ? A : never;

/** The attributes that `words` allows. */
export type Words<W extends Readonly<Record<string, readonly unknown[]>>> = { readonly [K in keyof W]: W[K][number] };

export const defineOperator = <A extends object>(record: OperatorRecord<A>): OperatorRecord<A> => record;
