/** One check of a lane. `run` returns the failure, or undefined if it passed. */
export interface Check {
  readonly name: string;
  readonly kind: 'kernel case' | 'float16 kernel case' | 'shader' | 'picture check';
  run(): Promise<string | undefined>;
}
