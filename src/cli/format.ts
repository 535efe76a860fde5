import { ArgumentError } from '../errors';

/** Numbers as people read them, in English whatever the machine's language, so that scripts can rely on them. */

export const formatCount = (value: number): string => value.toLocaleString('en-US');

export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Decimal units, as networks are measured in. */
export function formatUnits(value: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T'];
  const power = Math.min(prefixes.length - 1, value >= 1 ? Math.floor(Math.log10(value) / 3) : 0);
  const scaled = (value / 1000 ** power).toLocaleString('en-US', { maximumSignificantDigits: 3 });
  return `${scaled} ${prefixes[power]}${unit}`;
}

export const formatBytes = (bytes: number): string => formatUnits(bytes, 'B');

/** The number that an option gives. @throws ArgumentError naming the option and what is allowed */
export function parseNumber(
  option: string,
  text: string,
  { least = Number.NEGATIVE_INFINITY, most = Infinity, integer = false } = {},
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!integer || Number.isInteger(value))) return value;
  const range = [least > Number.NEGATIVE_INFINITY && `at least ${least}`, most < Infinity && `at most ${most}`];
  const kind = integer ? 'an integer' : 'a number';
  throw new ArgumentError(`--${option} must be ${[kind, ...range].filter(Boolean).join(', ')}, got "${text}"`);
}
