import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFormatError } from '../../src/errors';
import { duplicateKey, readSafetensors, readSafetensorsHead, writeSafetensors } from '../../src/formats/safetensors';
import { Tensor } from '../../src/tensor';
import { expectToSurviveDamage } from './damage';

/** A file with any header text and any data, right or wrong. */
function file(header: unknown, data: ArrayLike<number> = [], lengthField?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, lengthField ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const one = (dtype: string, shape: number[], data: number[]) =>
  readSafetensors(file({ t: { dtype, shape, data_offsets: [0, data.length] } }, data), 'x').tensors.get('t')!;

const rejection = (bytes: Uint8Array): string => {
  try {
    readSafetensors(bytes, 'weights.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(ModelFormatError);
    return (error as Error).message;
  }
  throw new Error('the file was accepted');
};

describe('readSafetensors', () => {
  it('reads the example of the format’s description', () => {
    const bytes = file(
      { __metadata__: { format: 'pt' }, test: { dtype: 'I32', shape: [2, 2], data_offsets: [0, 16] } },
      [1, 0, 0, 0, 2, 0, 0, 0, 255, 255, 255, 255, 0, 1, 0, 0],
    );
    const { tensors, metadata } = readSafetensors(bytes, 'x');
    expect(tensors.get('test')).toEqual(Tensor.int32([2, 2], [1, 2, -1, 256]));
    expect(metadata).toEqual({ format: 'pt' });
  });

  it.each([
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
    ['F32', [0, 0, 0xc0, 0xbf], -1.5],
    ['F16', [0, 0x3e], 1.5],
    ['BF16', [0xc0, 0xbf], -1.5],
  ])('reads %s as float32', (dtype, bytes, value) => {
    expect(one(dtype, [1], bytes)).toEqual(Tensor.float32([1], [value]));
  });

  it.each([
    ['I64', [0xfe, 255, 255, 255, 255, 255, 255, 255], -2],
    ['U64', [5, 0, 0, 0, 0, 0, 0, 0], 5],
    ['U32', [255, 255, 255, 127], 2 ** 31 - 1],
    ['I16', [0, 128], -32768],
    ['U16', [0, 128], 32768],
    ['I8', [128], -128],
    ['U8', [128], 128],
  ])('reads %s as int32', (dtype, bytes, value) => {
    expect(one(dtype, [1], bytes)).toEqual(Tensor.int32([1], [value]));
  });

  it('reads booleans, scalars and empty tensors', () => {
    expect(one('BOOL', [3], [1, 0, 1])).toEqual(Tensor.bool([3], [1, 0, 1]));
    expect(one('I8', [], [7])).toEqual(Tensor.int32([], [7]));
    expect(one('F32', [0, 3], [])).toEqual(Tensor.float32([0, 3]));
  });

  it('reads tensors that lie at odd offsets, in a file that itself does', () => {
    const bytes = file(
      {
        a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
        b: { dtype: 'F32', shape: [1], data_offsets: [1, 5] },
      },
      [9, 0, 0, 0x80, 0x3f],
    );
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readSafetensors(shifted.subarray(3), 'x').tensors.get('b')).toEqual(Tensor.float32([1], [1]));
  });

  it('accepts a header in which names and values look like structure', () => {
    const tensors = new Map([
      ['a"{}:\\[', Tensor.float32([1], [3])],
      ['__proto__', Tensor.float32([1], [4])],
    ]);
    const read = readSafetensors(writeSafetensors(tensors, { 'k"': '{"k":1,"k":2}' }), 'x');
    expect(read.tensors).toEqual(tensors);
    expect(read.metadata).toEqual({ 'k"': '{"k":1,"k":2}' });
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['shorter than its length field', new Uint8Array(5), /at least 8 bytes, this one 5/],
    ['with a truncated header', file('{}', [], 100n), /header of 100 bytes is truncated, the file has 2/],
    ['with an oversized header', file('{}', [], 2n ** 60n), /header of 1152921504606846976 bytes is over the bound/],
    ['with a header that is not JSON', file('{"a": '), /header is not JSON/],
    ['with a header that is not UTF-8', file('{"a":"?"}').fill(0xff, 14, 15), /header is not JSON/],
    ['with a header that is no object', file('[]'), /header must be a JSON object/],
    ['with an entry that is no object', file({ w: 3 }), /tensor "w": must be an object/],
    [
      'with an unknown type',
      file({ w: { dtype: 'F8_E4M3', shape: [1], data_offsets: [0, 1] } }, [0]),
      /tensor "w": dtype must be one of F64.*, got "F8_E4M3"/,
    ],
    [
      'with a negative dimension',
      file({ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
      /tensor "w": shape must be non-negative integers, got \[-1\]/,
    ],
    [
      'with a dimension that is no number',
      file({ w: { dtype: 'F32', shape: [null], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
      /tensor "w": shape must be non-negative integers, got \[null\]/,
    ],
    [
      'with a shape beyond all memory',
      file({ w: { dtype: 'F32', shape: [2 ** 50, 2 ** 50], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
      /tensor "w": F32 of shape .* needs Infinity bytes, data_offsets \[0, 4\] give 4/,
    ],
    [
      'with offsets that run backwards',
      file({ w: { dtype: 'U8', shape: [1], data_offsets: [1, 0] } }, [0]),
      /tensor "w": data_offsets must be \[begin, end\]/,
    ],
    [
      'with a range that is not the shape’s',
      file({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, [0, 0, 0, 0]),
      /tensor "w": F32 of shape \[2\] needs 8 bytes, data_offsets \[0, 4\] give 4/,
    ],
    [
      'with offsets out of range',
      file({ w: { dtype: 'U8', shape: [9], data_offsets: [0, 9] } }, [0]),
      /tensor "w": ends at byte 9, out of range of 1 bytes/,
    ],
    [
      'with a terabyte declared and not there',
      file({ w: { dtype: 'U8', shape: [2 ** 40], data_offsets: [0, 2 ** 40] } }, [0]),
      /tensor "w": ends at byte 1099511627776, out of range/,
    ],
    [
      'with overlapping tensors',
      file(
        {
          a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] },
          b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] },
        },
        [0, 0, 0],
      ),
      /tensor "b": begins at byte 1 and overlaps/,
    ],
    [
      'with a hole',
      file({ w: { dtype: 'U8', shape: [1], data_offsets: [1, 2] } }, [0, 0]),
      /tensor "w": begins at byte 1 and leaves a hole after byte 0/,
    ],
    [
      'with bytes left over',
      file({ w: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, [0, 0]),
      /1 bytes after the last tensor/,
    ],
    [
      'with a name that is there twice',
      file(
        '{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0077":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
      /header names "w" twice/,
    ],
    [
      'with metadata that are no strings',
      file({ __metadata__: { epoch: 3 } }),
      /__metadata__ "epoch" must be a string, got 3/,
    ],
    [
      'with an integer that does not fit int32',
      file({ w: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, [0, 0, 0, 0, 1, 0, 0, 0]),
      /tensor "w": 4294967296 does not fit int32/,
    ],
    [
      'with a boolean of 2',
      file({ w: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] } }, [2]),
      /tensor "w": a bool must be 0 or 1, got 2/,
    ],
  ])('refuses a file %s', (_, bytes, message) => {
    const text = rejection(bytes);
    expect(text).toMatch(message);
    expect(text).toMatch(/^weights\.safetensors: /);
  });

  it('answers any damage to a good file with tensors or a ModelFormatError', () => {
    const good = writeSafetensors(
      new Map<string, Tensor>([
        ['a', Tensor.float32([2, 2], [1, 2, 3, 4])],
        ['b', Tensor.bool([3], [0, 1, 1])],
      ]),
    );
    expectToSurviveDamage(good, (bytes) => readSafetensors(bytes, 'x'));
  });
});

describe('writeSafetensors', () => {
  it('gives back any tensors in float32', () => {
    const shape = fc.array(fc.nat(4), { maxLength: 3 });
    const tensor = shape.chain((dims) => {
      const size = dims.reduce((a, b) => a * b, 1);
      return fc
        .array(fc.float({ noNaN: true }), { minLength: size, maxLength: size })
        .map((v) => Tensor.float32(dims, v));
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), tensor), { maxLength: 4 }), (entries) => {
        const tensors = new Map(entries.filter(([name]) => name !== '__metadata__'));
        expect(readSafetensors(writeSafetensors(tensors), 'x').tensors).toEqual(tensors);
      }),
    );
  });

  it('stores float32 as float16 when asked, aligned after wider elements', () => {
    const tensors = new Map<string, Tensor>([
      ['half', Tensor.float32([3], [1, 0.1, -2])],
      ['index', Tensor.int32([1], [-7])],
      ['flag', Tensor.bool([1], [1])],
    ]);
    const bytes = writeSafetensors(tensors, {}, 'f16');
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + bytes[0] + bytes[1] * 256)));
    expect(header.index).toEqual({ dtype: 'I32', shape: [1], data_offsets: [0, 4] });
    expect(header.half).toEqual({ dtype: 'F16', shape: [3], data_offsets: [4, 10] });
    expect(header.flag).toEqual({ dtype: 'BOOL', shape: [1], data_offsets: [10, 11] });
    const read = readSafetensors(bytes, 'x').tensors;
    expect([...read.get('half')!.data]).toEqual([1, 0.0999755859375, -2]);
    expect(read.get('index')).toEqual(tensors.get('index'));
  });
});

describe('duplicateKey', () => {
  it('looks into nested objects and lets different objects share a key', () => {
    expect(duplicateKey('{"a":{"b":1},"c":{"b":2}}')).toBeUndefined();
    expect(duplicateKey('{"a":{"b":1, "b" :2}}')).toBe('b');
    expect(duplicateKey('{"a":["b","b",{"x":"x"}],"b":"a"}')).toBeUndefined();
  });
});

describe('readSafetensorsHead', () => {
  const tensors = new Map<string, Tensor>([
    ['w', Tensor.float32([2, 3], [1, 2, 3, 4, 5, 6])],
    ['i', Tensor.int32([2], [7, 8])],
  ]);
  const bytes = writeSafetensors(tensors, { task: 'classify' }, 'f16');
  const dataBytes = 6 * 2 + 2 * 4;

  it('knows names, shapes and metadata as soon as the header is there, and no sooner', () => {
    for (let length = 0; length < bytes.length - dataBytes; length++) {
      expect(readSafetensorsHead(bytes.subarray(0, length), 'x')).toBeUndefined();
    }
    const head = readSafetensorsHead(bytes.subarray(0, bytes.length - dataBytes), 'x')!;
    expect(head.metadata).toEqual({ task: 'classify' });
    expect(head.tensors).toEqual(
      new Map<string, Tensor>([
        ['i', Tensor.int32([2])],
        ['w', Tensor.float32([2, 3])],
      ]),
    );
  });

  it('leaves a broken header to be complained about when the file is whole', () => {
    expect(readSafetensorsHead(file('{"t": 1}'), 'x')).toBeUndefined();
    expect(readSafetensorsHead(file('nonsense'), 'x')).toBeUndefined();
  });

  it('makes no room for the gigabytes that a few bytes promise', () => {
    const header = { t: { dtype: 'F32', shape: [2 ** 30], data_offsets: [0, 2 ** 32] } };
    expect(readSafetensorsHead(file(header), 'x')).toBeUndefined();
  });
});
