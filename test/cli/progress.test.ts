import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { formatBytes, formatCount, formatUnits, parseNumber } from '../../src/cli/format';
import { ProgressBar } from '../../src/cli/progress';
import { ArgumentError } from '../../src/errors';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** What a terminal shows after all that was written to it. */
function terminal() {
  const screen = { line: '', writes: 0 };
  const err = (text: string): void => {
    screen.writes++;
    for (const part of text.split('\r').slice(1)) screen.line = part + screen.line.slice(part.length);
  };
  return { screen, output: { out: () => {}, bytes: () => {}, err, interactive: true } };
}

it('draws how much is done of how much, and goes away', () => {
  const { screen, output } = terminal();
  const bar = new ProgressBar(output, 'downloading', formatBytes);
  bar.update(0, 4_000_000);
  expect(screen.line).toBe('downloading [                        ] 0 B of 4 MB');
  vi.advanceTimersByTime(200);
  bar.update(1_000_000, 4_000_000);
  expect(screen.line.trimEnd()).toBe('downloading [======                  ] 1 MB of 4 MB');
  bar.update(4_000_000, 4_000_000);
  expect(screen.line).toContain('[========================] 4 MB of 4 MB');
  bar.finish();
  expect(screen.line.trim()).toBe('');
});

it('draws without a total, no more often than can be read, and not where nobody watches', () => {
  const { screen, output } = terminal();
  const bar = new ProgressBar(output, 'pictures');
  for (let i = 1; i <= 50; i++) bar.update(i, undefined);
  expect(screen).toEqual({ line: 'pictures 1', writes: 1 });
  const unseen = terminal();
  const silent = new ProgressBar({ ...unseen.output, interactive: false }, 'pictures');
  silent.update(1, 2);
  silent.finish();
  expect(unseen.screen.writes).toBe(0);
});

it('writes numbers as people read them', () => {
  expect([0, 999, 1000, 999_600, 2_440_000_000].map((n) => formatUnits(n, 'FLOP'))).toEqual([
    '0 FLOP',
    '999 FLOP',
    '1 kFLOP',
    '1,000 kFLOP',
    '2.44 GFLOP',
  ]);
  expect(formatCount(1235496)).toBe('1,235,496');
});

it('reads the number that an option gives, within its bounds', () => {
  expect(parseNumber('threshold', '0.25', { least: 0, most: 1 })).toBe(0.25);
  for (const text of ['', ' ', 'many', '1.5', '-1', 'NaN']) {
    expect(() => parseNumber('limit', text, { integer: true, least: 1 })).toThrow(ArgumentError);
    expect(() => parseNumber('limit', text, { integer: true, least: 1 })).toThrow(
      `--limit must be an integer, at least 1, got "${text}"`,
    );
  }
});
