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
    line: /^ {4}case \du: \{ return .*\/\/ [a-z0-9, -]+$/,
    why: 'a copy of `activate`, which test/gpu/wgsl-copies.test.ts holds to the others',
  },
  {
    file: 'shaders/non-zero-scan.wgsl',
    line: /let first = min\(/,
    why: 'a run that begins past the last block is empty either way',
  },
  {
    file: 'shaders/non-maximum-suppression-greedy.wgsl',
    line: /if \(local == 0u\) \{ found_count/,
    from: '0u',
    why: 'any one invocation of the workgroup may write the count',
  },
  {
    file: 'shaders/conv2d-winograd-product-quad.wgsl',
    line: /if \(PIXEL_GROUPS > \du\) \{ store\(/,
    from: ' > ',
    to: ' >= ',
    why: 'zeros are stored where the next quad stores its sums, which on the software adapter comes later',
  },
  {
    file: 'shaders/conv2d-winograd-product-quad.wgsl',
    line: /if \((PIXEL_GROUPS|BLOCKS) > \du\) \{ v\w = |if \(BLOCKS > \du\) \{ w\d = u/,
    from: ' > ',
    to: ' >= ',
    why: 'loads for sums that are not added up',
  },
  {
    file: 'shaders/upsample-conv2d.wgsl',
    line: /if \((BLOCKS|PIXELS) > \du\) \{$/,
    from: ' > ',
    to: ' >= ',
    why: 'sums of blocks and pixels that are not stored',
  },
  {
    file: 'shaders/upsample-conv2d-split.wgsl',
    line: /^ {2}for \(var t = 0u; t < 3u; t\+\+\) \{$/,
    to: '(3u + 1u)',
    why: 'weights past the end of their buffer, which the software adapter reads as zeros',
  },
  {
    file: 'shaders/upsample-conv2d-split.wgsl',
    line: /^ {2}let i3 = is_inside/,
    to: '(3 + 1)',
    why: 'a doubled picture has an even width, so that both columns are inside it or neither is',
  },
  {
    file: 'shaders/conv2d-quad.wgsl',
    line: /if \(PIXEL_GROUPS > 4u\)/,
    from: '4u',
    why: 'no tile has five groups of pixels',
  },
  {
    file: 'shaders/conv2d-winograd-product-quad.wgsl',
    line: /if \((BLOCKS > 1|PIXEL_GROUPS > [14])u\)/,
    to: '(1u + 1u)',
    why: 'no tile has two blocks or two groups',
  },
  {
    file: 'shaders/conv2d-winograd-product-quad.wgsl',
    line: /if \(PIXEL_GROUPS > 4u\)/,
    to: '(4u + 1u)',
    why: 'no tile has five groups',
  },
  {
    file: 'shaders/binary.wgsl',
    line: /min, NaN before all$/,
    from: ' < ',
    to: ' <= ',
    why: 'of equals either is the answer',
  },
  {
    file: 'shaders/binary.wgsl',
    line: /max, NaN before all$/,
    from: ' > ',
    to: ' >= ',
    why: 'of equals either is the answer',
  },
  {
    file: 'shaders/max-pool2d-indices.wgsl',
    line: /var greatest = vec4f\(0\.0\);/,
    why: 'the first pixel of a window wins whatever it is compared with',
  },
  {
    file: 'shaders/matmul-workgroup.wgsl',
    line: /let j = from_b \+ min\(row/,
    from: ' - ',
    why: 'what is loaded beyond the matrix is replaced by zero',
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
