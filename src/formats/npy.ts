import { ModelFormatError } from '../errors';
import { stridesOf, Tensor } from '../tensor';
import { decodeElements, type ElementType, elementBytes, encodeElements, sizeInBytes, storedType } from './elements';

/*
 * NumPy's array file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 *
 *   6 bytes        \x93NUMPY
 *   2 bytes        version, major and minor
 *   2 or 4 bytes   length N of the header, little-endian; 2 in version 1, 4 in versions 2 and 3
 *   N bytes        a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 *   the rest       the elements
 */

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy's `kind` and size of each element type. NumPy has no bfloat16. */
// biome-ignore format: a table to scan
const DESCRIPTIONS = {
  f8: 'f64', f4: 'f32', f2: 'f16', i8: 'i64', u8: 'u64', i4: 'i32', u4: 'u32', i2: 'i16', u2: 'u16', i1: 'i8', u1: 'u8', b1: 'bool',
} as const satisfies Record<string, ElementType>;
const NUMPY_NAMES = { f32: '<f4', i32: '<i4', bool: '|b1' };

/**
 * Reads one array of either byte order and either memory order. Floats of any width become float32, integers int32.
 *
 * @param file what errors call the file
 * @throws ModelFormatError when the file is no array file, holds another type, or its length is not the shape's
 */
export function readNpy(bytes: Uint8Array | ArrayBuffer, file: string): Tensor {
  const content = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  if (content.length < 10 || MAGIC.some((byte, i) => content[i] !== byte)) {
    throw new ModelFormatError(`${file}: not a .npy file, which begins with \\x93NUMPY`);
  }
  const { text, dataStart } = readHeader(content, file);
  const type = readType(text, file);
  const shape = readShape(text, file);
  const fortranOrder = readField(text, 'fortran_order', /True|False/, file) === 'True';
  const elements = content.subarray(dataStart);
  const needed = sizeInBytes(shape, type.element);
  if (elements.length !== needed) {
    throw new ModelFormatError(
      `${file}: shape [${shape.join(', ')}] of ${type.element} needs ${needed} bytes of data, the file has ${elements.length}`,
    );
  }
  const ordered = type.bigEndian ? swapBytes(elements, elementBytes(type.element)) : elements;
  const tensor = decodeElements(type.element, ordered, shape, file);
  return fortranOrder ? toRowMajor(tensor) : tensor;
}

/** Writes a version 1 file in C order: float32 as `<f4`, int32 as `<i4`, bool as `|b1`. */
export function writeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const { shape } = tensor;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const type = NUMPY_NAMES[storedType(tensor) as keyof typeof NUMPY_NAMES];
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Padded with spaces and a newline, so that the elements begin at a multiple of 64.
  const header = dictionary.padEnd(Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 11) + '\n';
  const elements = encodeElements(tensor);
  const file = new Uint8Array(10 + header.length + elements.length);
  file.set([...MAGIC, 1, 0]);
  new DataView(file.buffer).setUint16(8, header.length, true);
  file.set(new TextEncoder().encode(header), 10);
  file.set(elements, 10 + header.length);
  return file;
}

function readHeader(content: Uint8Array, file: string): { text: string; dataStart: number } {
  const version = content[6];
  if (version < 1 || version > 3) {
    throw new ModelFormatError(`${file}: .npy version must be 1, 2 or 3, got ${version}.${content[7]}`);
  }
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const headerStart = version === 1 ? 10 : 12;
  if (content.length < headerStart) throw new ModelFormatError(`${file}: .npy header is truncated`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + length;
  if (dataStart > content.length) {
    throw new ModelFormatError(
      `${file}: .npy header of ${length} bytes is truncated, ${content.length - headerStart} are there`,
    );
  }
  return { text: new TextDecoder().decode(content.subarray(headerStart, dataStart)), dataStart };
}

/** The value of one key of the header's dictionary, which NumPy writes with literals only. */
function readField(header: string, key: string, value: RegExp, file: string): string {
  const match = new RegExp(`['"]${key}['"]\\s*:\\s*(${value.source})\\s*[,}]`).exec(header);
  if (!match)
    throw new ModelFormatError(`${file}: .npy header has no readable '${key}': ${header.trim().slice(0, 200)}`);
  return match[1];
}

function readType(header: string, file: string): { element: ElementType; bigEndian: boolean } {
  const text = readField(header, 'descr', /'[^']*'|"[^"]*"|\[.*\]/s, file);
  const [, order, name] = /^['"]([<>|=]?)(\w+)['"]$/.exec(text) ?? [];
  if (name === undefined || !Object.hasOwn(DESCRIPTIONS, name)) {
    throw new ModelFormatError(`${file}: type must be one of ${Object.keys(DESCRIPTIONS).join(', ')}, got ${text}`);
  }
  return { element: DESCRIPTIONS[name as keyof typeof DESCRIPTIONS], bigEndian: order === '>' };
}

function readShape(header: string, file: string): number[] {
  const text = readField(header, 'shape', /\([^)]*\)/, file);
  const dims = text
    .slice(1, -1)
    .split(',')
    .map((dim) => dim.trim());
  if (dims.at(-1) === '') dims.pop();
  // Python 2 wrote long integers with an L.
  if (!dims.every((dim) => /^\d+L?$/.test(dim))) {
    throw new ModelFormatError(`${file}: shape must be non-negative integers, got ${text}`);
  }
  return dims.map((dim) => Number.parseInt(dim, 10));
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.map((_, i) => bytes[i - (i % width) + (width - 1 - (i % width))]);
}

/** In Fortran order the first axis varies fastest. */
function toRowMajor(tensor: Tensor): Tensor {
  const { shape } = tensor;
  const result = Tensor.zeros(tensor.dtype, shape);
  const rowMajor = stridesOf(shape);
  const columnMajor = stridesOf([...shape].reverse()).reverse();
  for (let i = 0; i < tensor.size; i++) {
    let from = 0;
    for (const [axis, stride] of rowMajor.entries()) from += (Math.floor(i / stride) % shape[axis]) * columnMajor[axis];
    result.data[i] = tensor.data[from];
  }
  return result;
}
