import { describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../src/errors';
import { readNpy, writeNpy } from '../../src/formats/npy';
import { Tensor } from '../../src/tensor';
import { expectToSurviveDamage } from './damage';

/** An array file with this dictionary, right or wrong. */
function file(dictionary: string, data: readonly number[] = [], version = 1): Uint8Array {
  const text = new TextEncoder().encode(dictionary);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length, ...text, ...data]);
}

describe('readNpy', () => {
  it.each<[string, string, string, Tensor]>([
    [
      'float32 in C order',
      "'<f4', 'fortran_order': False, 'shape': (2, 3)",
      '000000000000803f0000004000004040000080400000a040',
      Tensor.float32([2, 3], [0, 1, 2, 3, 4, 5]),
    ],
    [
      'float64 in Fortran order',
      "'<f8', 'fortran_order': True, 'shape': (2, 3)",
      '00000000000000000000000000000840000000000000f03f000000000000104000000000000000400000000000001440',
      Tensor.float32([2, 3], [0, 1, 2, 3, 4, 5]),
    ],
    [
      'big-endian int16',
      "'>i2', 'fortran_order': False, 'shape': (3, 2)",
      '000000010002000300040005',
      Tensor.int32([3, 2], [0, 1, 2, 3, 4, 5]),
    ],
    ['bool', "'|b1', 'fortran_order': False, 'shape': (3,)", '010001', Tensor.bool([3], [1, 0, 1])],
    ['a float16 scalar', "'<f2', 'fortran_order': False, 'shape': ()", '003e', Tensor.float32([], [1.5])],
    [
      'int64',
      "'<i8', 'fortran_order': False, 'shape': (2,)",
      'feffffffffffffffffffff7f00000000',
      Tensor.int32([2], [-2, 2 ** 31 - 1]),
    ],
  ])('reads %s as NumPy wrote it', (_, header, hex, expected) => {
    const bytes = file(`{'descr': ${header}, }`.padEnd(117) + '\n', [...Buffer.from(hex, 'hex')]);
    expect(readNpy(bytes, 'x.npy')).toEqual(expected);
  });

  it('reads versions 2 and 3, double quotes, keys in any order and Python 2’s long integers', () => {
    const data = [1, 2];
    expect(readNpy(file("{'descr':'|u1','fortran_order':False,'shape':(2,)}", data, 2), 'x').data).toEqual(
      Int32Array.of(1, 2),
    );
    expect(readNpy(file('{"shape": (1L, 2L), "fortran_order": True, "descr": "|u1"}', data, 3), 'x').shape).toEqual([
      1, 2,
    ]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['that is none', new TextEncoder().encode('PK zipped archive'), /not a \.npy file/],
    ['that is too short', Uint8Array.of(0x93, 0x4e), /not a \.npy file/],
    ['of version 9', file('{}', [], 9), /version must be 1, 2 or 3, got 9\.0/],
    [
      'whose header is truncated',
      file('{}'.padEnd(300)).subarray(0, 100),
      /header of 300 bytes is truncated, 90 are there/,
    ],
    ['without a shape', file("{'descr': '<f4', 'fortran_order': False, }"), /no readable 'shape'/],
    [
      'with a negative shape',
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"),
      /non-negative integers, got \(-1,\)/,
    ],
    ['with a shape of nothing', file("{'descr': '<f4', 'fortran_order': False, 'shape': (,), }"), /got \(,\)/],
    [
      'of complex numbers',
      file("{'descr': '<c8', 'fortran_order': False, 'shape': (), }"),
      /type must be one of f8, .*, got '<c8'/,
    ],
    [
      'of records',
      file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (), }"),
      /type must be one of .*, got \[\('a', '<f4'\)\]/,
    ],
    [
      'with too little data',
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", [0, 0, 0, 0]),
      /\[2\] of f32 needs 8 bytes of data, the file has 4/,
    ],
    [
      'with too much data',
      file("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", [0, 0]),
      /needs 1 bytes of data, the file has 2/,
    ],
    [
      'of a shape beyond all memory',
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }"),
      /needs Infinity bytes/,
    ],
    [
      'with an integer beyond int32',
      file("{'descr': '>u4', 'fortran_order': False, 'shape': (), }", [255, 0, 0, 0]),
      /4278190080 does not fit int32/,
    ],
  ])('refuses a file %s', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'x.npy')).toThrow(ModelFormatError);
    expect(() => readNpy(bytes, 'x.npy')).toThrow(message);
    expect(() => readNpy(bytes, 'x.npy')).toThrow(/^x\.npy: /);
  });

  it('answers any damage to a good file with a tensor or a ModelFormatError', () => {
    const good = writeNpy(Tensor.float32([2, 2], [1, 2, 3, 4]));
    expectToSurviveDamage(good, (bytes) => readNpy(bytes, 'x'));
  });
});

describe('writeNpy', () => {
  it.each([
    Tensor.float32([2, 3], [1, -2, 0.5, NaN, Infinity, 0]),
    Tensor.int32([1], [-5]),
    Tensor.bool([2, 1], [1, 0]),
    Tensor.float32([], [3]),
    Tensor.float32([0, 4]),
  ])('gives back $dtype $shape, with the data at a multiple of 64', (tensor) => {
    const bytes = writeNpy(tensor);
    expect(readNpy(bytes, 'x')).toEqual(tensor);
    expect((bytes.length - tensor.data.byteLength) % 64).toBe(0);
  });

  it('writes what NumPy writes', () => {
    const text = String.fromCharCode(...writeNpy(Tensor.float32([2, 3])).subarray(10, 128));
    expect(text).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117) + '\n');
  });
});
