import type { Shape, ValueInfo } from '../tensor';

/** Rows or columns of an image, both ends included. */
export type Range = readonly [first: number, last: number];

/** Which rows (axis 0) or columns (axis 1) of an input a range of the output's depends on. */
export type Sight = (range: Range, axis: 0 | 1) => Range;

/**
 * The facts about one operator, `A` its attributes. Every part of Fovea asks here; none keeps a table of its own.
 * A value of rank 4 is an image batch `[N, C, H, W]`; its layout in GPU memory is the plan's business.
 */
export interface OperatorRecord<A extends object = object> {
  /** How many inputs it takes, or the least and the most. */
  readonly arity: number | readonly [least: number, most: number];
  /** Set when inputs may be int32 or bool; otherwise they are float32. */
  readonly anyType?: true;
  /** The words that an attribute may be, so that callers without TypeScript are held to them too. */
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
  /** Steps that the reference takes where they depend on the data and `flops` cannot tell: an upper bound. */
  steps?(inputs: readonly Shape[], output: Shape): number;
  /** Whether a zero surely becomes a zero; false by default. */
  keepsZero?(attributes: A): boolean;
  /** What the output sees of input `index`; undefined, the default, when it sees the whole of it. */
  receptiveField?(attributes: A, inputs: readonly Shape[], output: Shape, index: number): Sight | undefined;
}

export type AttributesOf<R> = R extends OperatorRecord<infer A> ? A : never;

/** The attributes that `words` allows. */
export type Words<W extends Readonly<Record<string, readonly unknown[]>>> = { readonly [K in keyof W]: W[K][number] };

export const defineOperator = <A extends object>(record: OperatorRecord<A>): OperatorRecord<A> => record;
