import { ArgumentError } from '../errors';

/** Numbers as people read them, in English whatever the machine's language, so that scripts can rely on them. */

export const formatCount = (value: number): string => value.toLocaleString('en-US');

export const formatShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** Control characters and changes of writing direction: names in a file may hold some, and a terminal obeys them. */
const CONTROLS = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** Text as a terminal may show it, with control characters written out. */
export const printable = (text: string): string =>
  text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);

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
