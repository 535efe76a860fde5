import type { Graph } from '../graph/graph';
import type { Tensor } from '../tensor';
import type { Program } from './program';

/** What a thread is asked for. Programs are known by a number. */
export type Request =
  /** Plans a graph. Where memory is shared, the answer is the program, which the whole crew then joins. */
  | (Start & { readonly kind: 'plan'; readonly graph: Graph; readonly shared: boolean })
  | (Start & { readonly kind: 'join'; readonly planned: Program; readonly crew: CrewInfo })
  /** The first of a crew has the inputs, and answers with the outputs. */
  | { readonly kind: 'run'; readonly program: number; readonly inputs: Tensors | undefined }
  | { readonly kind: 'drop'; readonly program: number }
  /** Calls a function of a file of src/reference. */
  | (References & {
      readonly kind: 'call';
      readonly file: string;
      readonly name: string;
      readonly inputs: readonly unknown[];
    });

interface References {
  /** Where references.ts is, built: loaded only when it is needed. */
  readonly references: string;
}

interface Start extends References {
  readonly program: number;
}

/** A tensor as a structured clone leaves it. */
export type PlainTensor = Pick<Tensor, 'dtype' | 'shape' | 'data'>;

/** Inputs or outputs by name. */
export type Tensors = ReadonlyMap<string, PlainTensor>;

export interface CrewInfo {
  readonly counters: Int32Array;
  readonly size: number;
}

export interface Answers {
  plan: Program | undefined;
  join: undefined;
  run: Tensors | undefined;
  drop: undefined;
  call: unknown;
}

/** A request on its way to a thread, and what comes back. */
export type Envelope = { readonly id: number; readonly request: Request };
export type Reply =
  | { readonly id: number; readonly answer: Answers[Request['kind']] }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
