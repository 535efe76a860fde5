import type { ShaderMutant } from './sample';

/** Mutants that no test can catch, by the line as it stands in the shader, and why. */
const REASONS: readonly {
  /** Of all shaders, if there is none. */
  readonly shader?: string;
  readonly line: RegExp;
  readonly from?: string;
  readonly to?: string;
  readonly why: string;
}[] = [];

/** Why a mutant changes nothing that can be seen. */
export function reasonFor({ shader, original, line, from, to }: ShaderMutant): string | undefined {
  const text = original.split('\n')[line - 1];
  const found = REASONS.find(
    (reason) =>
      (reason.shader ?? shader) === shader &&
      (reason.from ?? from) === from &&
      (reason.to ?? to) === to &&
      reason.line.test(text),
  );
  return found?.why;
}
