import type { Graph } from '../graph/graph';
import type { Tensor } from '../tensor';
import type { Program } from './program';

/** A request to a thread. Programs have numbers. */
export type Request =
  /** Plans a graph. Where memory is shared, the answer is the program, which every thread of the team then joins. */
  | (Start & { readonly kind: 'plan'; readonly graph: Graph; readonly shared: boolean })
  | (Start & { readonly kind: 'join'; readonly planned: Program; readonly team: TeamInfo })
  /** The first thread of a team gets the inputs and answers with the outputs. */
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
  /** The URL of references.ts, built. A thread imports it when a request needs it. */
  readonly references: string;
}

interface Start extends References {
  readonly program: number;
}

/** A tensor as a structured clone leaves it. */
export type PlainTensor = Pick<Tensor, 'dtype' | 'shape' | 'data'>;

/** Inputs or outputs by name. */
export type Tensors = ReadonlyMap<string, PlainTensor>;

export interface TeamInfo {
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

/** Requests and replies are matched by number. */
export type Envelope = { readonly id: number; readonly request: Request };
export type Reply =
  | { readonly id: number; readonly answer: Answers[Request['kind']] }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
