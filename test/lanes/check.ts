/** One thing that a lane checks: its name, and what answers with the failure, or with nothing when all is well. */
export interface Check {
  readonly name: string;
  readonly kind: 'kernel case' | 'float16 kernel case' | 'shader' | 'picture check';
  run(): Promise<string | undefined>;
}
