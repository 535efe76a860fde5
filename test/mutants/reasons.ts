import type { Mutant } from './sample';

/** Mutants that no test that is run here can catch, by the line as it stands in the file, and why. */
const REASONS: readonly {
  /** Of all files, if there is none. */
  readonly file?: string;
  readonly line: RegExp;
  readonly from?: string;
  readonly to?: string;
  readonly why: string;
}[] = [
  {
    line: /^ {4}case \du: \{ return .*\/\/ [a-z-]+$/,
    why: 'a copy of `activate`, which test/gpu/wgsl-copies.test.ts holds to the others',
  },
  {
    file: 'shaders/non-maximum-suppression-scan.wgsl',
    line: /let first = min\(/,
    why: 'a run that begins past the last slot is empty either way',
  },
  {
    file: 'shaders/non-maximum-suppression-sort.wgsl',
    line: /if \(local == 0u\) \{ candidate_count/,
    from: '0u',
    why: 'any one invocation of the workgroup may write the count',
  },
];

/** Why a mutant survives though nothing is wrong with the tests. */
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
