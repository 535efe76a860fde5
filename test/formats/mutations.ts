import type { Random } from '../support/random';

/** Damages one of some good files: most often in one place. */
export const damaged =
  (files: readonly Uint8Array[]) =>
  (random: Random): Uint8Array => {
    const below = (limit: number): number => Math.floor(random.next() * limit);
    let bytes = new Uint8Array(files[below(files.length)]);
    for (let count = 1 + below(2) * below(4); count > 0; count--) {
      const mutation = MUTATIONS[below(MUTATIONS.length)];
      bytes = new Uint8Array(mutation(bytes, below, files));
    }
    return bytes;
  };

type Mutation = (bytes: Uint8Array, below: (limit: number) => number, files: readonly Uint8Array[]) => Uint8Array;

function replaced(bytes: Uint8Array, from: number, to: number, by: ArrayLike<number>): Uint8Array {
  const rest = bytes.subarray(to);
  const result = new Uint8Array(from + by.length + rest.length);
  result.set(bytes.subarray(0, from));
  result.set(by, from);
  result.set(rest, from + by.length);
  return result;
}

const ODD_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x2c, 0x2d, 0x39, 0x7b, 0x7d];

/** Varints that say -1, 2^31, 2^32 - 1, 2^62 and more than 64 bits. */
const ODD_VARINTS = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40],
  Array<number>(11).fill(0xff),
];

const ODD_NUMBERS = [
  '-1',
  '0',
  '1e99',
  '9007199254740993',
  '4294967296',
  '99999999999999999999',
  'null',
  '1.5',
  '""',
  '[]',
];

const MUTATIONS: readonly Mutation[] = [
  (bytes, below) => {
    const at = below(bytes.length);
    return bytes.length === 0 ? bytes : bytes.with(at, bytes[at] ^ (1 << below(8)));
  },
  (bytes, below) => (bytes.length === 0 ? bytes : bytes.with(below(bytes.length), ODD_BYTES[below(ODD_BYTES.length)])),
  (bytes, below) => bytes.subarray(0, below(bytes.length + 1)),
  (bytes, below) => {
    const from = below(bytes.length);
    return replaced(bytes, from, from + below(16), []);
  },
  (bytes, below) => {
    const at = below(bytes.length);
    return replaced(
      bytes,
      at,
      at,
      Array.from({ length: 1 + below(8) }, () => below(256)),
    );
  },
  (bytes, below) => {
    const from = below(bytes.length);
    return replaced(bytes, from, from, bytes.subarray(from, from + below(200)));
  },
  (bytes, below) => {
    const at = below(bytes.length);
    return replaced(bytes, at, at + 1 + below(2), ODD_VARINTS[below(ODD_VARINTS.length)]);
  },
  (bytes, below) => {
    const text = Buffer.from(bytes).toString('latin1');
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: digits } = numbers[below(numbers.length)];
    return replaced(bytes, index, index + digits.length, Buffer.from(ODD_NUMBERS[below(ODD_NUMBERS.length)]));
  },
  (bytes, below, files) => {
    const other = files[below(files.length)];
    return replaced(bytes, below(bytes.length), bytes.length, other.subarray(below(other.length)));
  },
];
