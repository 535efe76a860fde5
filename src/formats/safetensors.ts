import { ModelFormatError } from '../errors';
import { type Shape, Tensor } from '../tensor';
import {
  decodeElements,
  ELEMENT_TYPES,
  type ElementType,
  elementBytes,
  encodeElements,
  isFloat,
  sizeInBytes,
  storedType,
} from './elements';
import { textInstead } from './text-instead';

/**
 * The safetensors format (https://github.com/huggingface/safetensors#format):
 *
 * ```
 * 8 bytes   length N of the header, little-endian
 * N bytes   JSON: { "__metadata__": { … strings … }, "name": { "dtype": "F16", "shape": [...], "data_offsets": [begin, end] } }
 * the rest  the tensors' elements, row-major and little-endian, without overlap or hole
 * ```
 */
export interface SafetensorsFile {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/** The limit of the format's own implementation. */
const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** In bytes from the header's end. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads every tensor of a file. Floats of any width become float32, integers int32. Checks the header against the
 * file's length before it allocates, and allocates at most four times that length.
 *
 * @param file what errors call the file
 * @throws ModelFormatError naming the file and the entry
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer, file: string): SafetensorsFile {
  const content = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const { header, dataStart } = readHeader(content, file);
  const { __metadata__: metadata, ...rest } = header;
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value, `${file}: tensor "${name}"`));
  checkLayout(entries, content.length - dataStart, file);
  const tensors = new Map(
    entries.map(({ name, type, shape, begin, end }) => {
      const elements = content.subarray(dataStart + begin, dataStart + end);
      return [name, decodeElements(type, elements, shape, `${file}: tensor "${name}"`)];
    }),
  );
  return { tensors, metadata: readMetadata(metadata, file) };
}

/** The head of a larger file is not read ahead: its tensors would fill the memory with zeros. */
const MAX_AHEAD_BYTES = 2 ** 26;

/**
 * Reads the head of a file that is still arriving: its metadata, and its tensors full of zeros.
 *
 * @param bytes the beginning
 * @returns undefined while the header is incomplete, and for a large or broken file: `readSafetensors` reports the
 * error
 */
export function readSafetensorsHead(bytes: Uint8Array, file: string): SafetensorsFile | undefined {
  if (bytes.length < 8) return undefined;
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerBytes > bytes.length - 8) return undefined;
  try {
    const { __metadata__: metadata, ...rest } = readHeader(bytes, file).header;
    const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value, `${file}: tensor "${name}"`));
    if (entries.some(({ end }) => end > MAX_AHEAD_BYTES)) return undefined;
    const tensors = new Map(
      entries.map(({ name, type, shape }) => [name, Tensor.zeros(isFloat(type) ? 'float32' : 'int32', shape)]),
    );
    return { tensors, metadata: readMetadata(metadata, file) };
  } catch {
    return undefined;
  }
}

/**
 * Writes a file that `readSafetensors` and every other reader understand.
 *
 * @param precision how float tensors are stored
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  precision: 'f32' | 'f16' = 'f32',
): Uint8Array<ArrayBuffer> {
  // The widest elements first, so that each tensor is aligned to its own element's size.
  const stored = [...tensors]
    .map(([name, tensor]) => ({ name, tensor, type: storedType(tensor, precision) }))
    .sort((a, b) => elementBytes(b.type) - elementBytes(a.type));
  let end = 0;
  const entries = stored.map(({ name, tensor, type }) => {
    const begin = end;
    end += tensor.size * elementBytes(type);
    return [name, { dtype: type.toUpperCase(), shape: tensor.shape, data_offsets: [begin, end] }];
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const unpadded = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(unpadded.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(unpadded, 8);
  let at = 8 + headerBytes;
  for (const { tensor } of stored) {
    const elements = encodeElements(tensor, precision);
    file.set(elements, at);
    at += elements.length;
  }
  return file;
}

function readHeader(content: Uint8Array, file: string): { header: Record<string, unknown>; dataStart: number } {
  if (content.length < 8) {
    throw new ModelFormatError(`${file}: a safetensors file has at least 8 bytes, this one ${content.length}`);
  }
  const length = new DataView(content.buffer, content.byteOffset).getBigUint64(0, true);
  const text = textInstead(content);
  if (text) throw new ModelFormatError(`${file}: expected a safetensors file, got ${text}`);
  if (length > MAX_HEADER_BYTES) {
    throw new ModelFormatError(
      `${file}: header of ${length} bytes is over the bound of ${MAX_HEADER_BYTES}: no safetensors file`,
    );
  }
  const dataStart = 8 + Number(length);
  if (dataStart > content.length) {
    throw new ModelFormatError(
      `${file}: header of ${length} bytes is truncated, the file has ${content.length - 8} after its length`,
    );
  }
  const header = parseHeader(content.subarray(8, dataStart), file);
  if (!isRecord(header)) throw new ModelFormatError(`${file}: header must be a JSON object`);
  return { header, dataStart };
}

function parseHeader(bytes: Uint8Array, file: string): unknown {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError(`${file}: header is not JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined) throw new ModelFormatError(`${file}: header names "${duplicate}" twice`);
  return header;
}

/** The first key that an object of a valid JSON text has twice. `JSON.parse` keeps the last one silently. */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') open.push(new Set());
    else if (json[i] === '}') open.pop();
    else if (json[i] === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      const end = i + 1;
      while (/\s/.test(json[i + 1])) i++;
      if (json[i + 1] !== ':') continue;
      const key: string = JSON.parse(json.slice(start, end));
      const keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function readEntry(name: string, value: unknown, where: string): Entry {
  if (!isRecord(value)) throw new ModelFormatError(`${where}: must be an object with dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets } = value;
  const type = typeof dtype === 'string' && dtype === dtype.toUpperCase() ? dtype.toLowerCase() : '';
  if (!isElementType(type)) {
    const known = ELEMENT_TYPES.join(', ').toUpperCase();
    throw new ModelFormatError(`${where}: dtype must be one of ${known}, got ${JSON.stringify(dtype)}`);
  }
  if (!isCounts(shape)) {
    throw new ModelFormatError(`${where}: shape must be non-negative integers, got ${JSON.stringify(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw new ModelFormatError(
      `${where}: data_offsets must be [begin, end] with begin ≤ end, got ${JSON.stringify(offsets)}`,
    );
  }
  const [begin, end] = offsets;
  const needed = sizeInBytes(shape, type);
  if (end - begin !== needed) {
    throw new ModelFormatError(
      `${where}: ${dtype} of shape [${shape.join(', ')}] needs ${needed} bytes, data_offsets [${begin}, ${end}] give ${end - begin}`,
    );
  }
  return { name, type, shape, begin, end };
}

/** The entries, in the order of their offsets, must cover the data from its first byte to its last. */
function checkLayout(entries: readonly Entry[], dataBytes: number, file: string): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of sorted) {
    const where = `${file}: tensor "${name}"`;
    if (end > dataBytes) {
      throw new ModelFormatError(`${where}: ends at byte ${end}, out of range of ${dataBytes} bytes of data`);
    }
    if (begin < covered) {
      throw new ModelFormatError(`${where}: begins at byte ${begin} and overlaps a tensor that ends at ${covered}`);
    }
    if (begin > covered) {
      throw new ModelFormatError(`${where}: begins at byte ${begin} and leaves a hole after byte ${covered}`);
    }
    covered = end;
  }
  if (covered < dataBytes) {
    throw new ModelFormatError(`${file}: ${dataBytes - covered} bytes after the last tensor belong to none`);
  }
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw new ModelFormatError(`${file}: __metadata__ must be an object of strings`);
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => {
      if (typeof text === 'string') return [key, text];
      throw new ModelFormatError(`${file}: __metadata__ "${key}" must be a string, got ${JSON.stringify(text)}`);
    }),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0);

const isElementType = (type: string): type is ElementType => ELEMENT_TYPES.includes(type);
