import { ArgumentError } from '../../src';
import { byId } from '../dom';
import type { NetworkFile } from './file';
import { type Channels, type Fit, type Layout, type Preparation, RANGES, type Triple } from './preparation';

const FIELDS = ['own-fit', 'own-channels', 'own-layout', 'own-height', 'own-width', 'own-mean', 'own-std'];

const select = (id: string): HTMLSelectElement => byId<HTMLSelectElement>(id);
const input = (id: string): HTMLInputElement => byId<HTMLInputElement>(id);

/** Wires the form in which the user says what the file does not. */
export function setUpForm(onChange: () => void): void {
  byId('own-form').addEventListener('submit', (event) => event.preventDefault());
  for (const id of FIELDS) {
    byId(id).addEventListener('change', () => {
      select('own-range').value = rangeOf(input('own-mean').value, input('own-std').value);
      onChange();
    });
  }
  select('own-range').addEventListener('change', ({ currentTarget }) => {
    const range = (currentTarget as HTMLSelectElement).value;
    if (!isRange(range)) return;
    input('own-mean').value = shortened(RANGES[range].mean);
    input('own-std').value = shortened(RANGES[range].std);
    onChange();
  });
}

/** Shows a preparation, and bars from change what the file settles. */
export function fillForm({ picture }: NetworkFile, preparation: Preparation): void {
  const { layout, channels, size, fit, mean, std } = preparation;
  select('own-fit').value = fit;
  select('own-layout').value = layout;
  select('own-layout').disabled = picture.layouts.length === 1;
  select('own-channels').value = channels;
  for (const option of select('own-channels').options) {
    option.disabled = picture.colours !== undefined && (option.value === 'grey') !== (picture.colours === 1);
  }
  const settled = [picture.height, picture.width];
  for (const [i, id] of ['own-height', 'own-width'].entries()) {
    input(id).value = String(size[i]);
    input(id).disabled = settled[i] !== undefined;
  }
  input('own-mean').value = shortened(mean);
  input('own-std').value = shortened(std);
  select('own-range').value = rangeOf(input('own-mean').value, input('own-std').value);
}

/** The form's values. @throws ArgumentError naming the field */
export function readForm(): Preparation {
  return {
    fit: select('own-fit').value as Fit,
    layout: select('own-layout').value as Layout,
    channels: select('own-channels').value as Channels,
    size: [lengthOf('Height', 'own-height'), lengthOf('Width', 'own-width')],
    mean: readTriple('Mean', input('own-mean').value),
    std: readTriple('Standard deviation', input('own-std').value, (value) => value !== 0),
  };
}

const LONGEST_SIDE = 4096;

function lengthOf(field: string, id: string): number {
  const length = input(id).valueAsNumber;
  if (Number.isInteger(length) && length >= 1 && length <= LONGEST_SIDE) return length;
  throw new ArgumentError(`${field} must be a whole number from 1 to ${LONGEST_SIDE}.`);
}

/** `127`, or `123.7, 116.3, 103.5`. @throws ArgumentError */
export function readTriple(field: string, text: string, allows: (value: number) => boolean = () => true): Triple {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const [a, b = a, c = a] = parts.map(Number);
  const isTriple = parts.length === 1 || parts.length === 3;
  if (isTriple && [a, b, c].every((value) => Number.isFinite(value) && allows(value))) return [a, b, c];
  const wanted = allows(0) ? '' : ' other than 0';
  throw new ArgumentError(
    `${field} must be one number or three${wanted}, such as 127.5 or 123.7, 116.3, 103.5; got “${text}”.`,
  );
}

const shortened = (triple: Triple): string =>
  (triple.every((value) => value === triple[0]) ? [triple[0]] : triple).join(', ');

const isRange = (text: string): text is keyof typeof RANGES => text in RANGES;

function rangeOf(mean: string, std: string): string {
  const found = Object.entries(RANGES).find(
    ([, range]) => shortened(range.mean) === mean && shortened(range.std) === std,
  );
  return found?.[0] ?? 'own';
}
