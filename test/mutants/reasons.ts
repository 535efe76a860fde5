import type { Mutant } from './sample';

/** Mutants that no test can catch, by the line as it stands in the file, and why. */
const REASONS: readonly {
  /** Of all files, if there is none. */
  readonly file?: string;
  readonly line: RegExp;
  readonly from?: string;
  readonly to?: string;
  readonly why: string;
}[] = [];

/** Why a mutant changes nothing that can be seen. */
export function reasonFor({ file, original, line, from, to }: Mutant): string | undefined {
  const text = original.split('\n')[line - 1];
  const found = REASONS.find(
    (reason) =>
      (reason.file ?? file) === file &&
      (reason.from ?? from) === from &&
      (reason.to ?? to) === to &&
      reason.line.test(text),
  );
  return found?.why;
}
