import { node } from '../formats/onnx-example-parts';
import { FLOAT, tensorFile } from '../formats/onnx-file';
import { GIANT_FILES } from './hostile-giants';
import { type Attributes, GIANTS, type HostileFile, network } from './hostile-parts';
import { STRUCTURE_FILES } from './hostile-structures';

/** Names that every object of JavaScript has, wherever a file has a name. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
const names: HostileFile[] = INHERITED.flatMap((word) => [
  network(`an operator named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node(word, 'x', 'y')],
  }),
  network(`a domain named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [{ ...node('Relu', 'x', 'y'), domain: word }],
  }),
  network(`an attribute named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y', { [word]: 1 } as Attributes)],
  }),
  network(`values named ${word}`, {
    inputs: [{ name: word, dims: [2] }],
    outputs: [`${word}.`],
    nodes: [node('Relu', word, `${word}.`)],
  }),
  network(`an output named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: [word],
    nodes: [node('Relu', 'x', word)],
  }),
  network(`a dimension named ${word}`, {
    inputs: [{ name: 'x', dims: [1, word] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
  }),
  network(`a mode named ${word}`, {
    inputs: [{ name: 'x', dims: [1, 4, 2, 2] }],
    outputs: ['y'],
    nodes: [node('DepthToSpace', 'x', 'y', { blocksize: 2, mode: word })],
  }),
  network(`metadata named ${word}`, {
    inputs: [{ name: 'x', dims: [2] }],
    outputs: ['y'],
    nodes: [node('Relu', 'x', 'y')],
    metadata: { [word]: word },
  }),
]);

const safetensors = (header: string, length = BigInt(Buffer.byteLength(header)), data = 0): Uint8Array => {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length);
  return Buffer.concat([head, Buffer.from(header), Buffer.alloc(data)]);
};
const npy = (header: string): Uint8Array => {
  const text = Buffer.from(header);
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8]),
    text,
    Buffer.alloc(64),
  ]);
};

const otherFormats: HostileFile[] = [
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `safetensors with a header of ${giant}`,
      kind: 'safetensors',
      bytes: () => safetensors('{}', BigInt(giant)),
    }),
  ),
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `safetensors with a tensor of ${giant}`,
      kind: 'safetensors',
      bytes: () => safetensors(`{"a":{"dtype":"F32","shape":[${giant}],"data_offsets":[0,${4n * BigInt(giant)}]}}`),
    }),
  ),
  ...INHERITED.map(
    (word): HostileFile => ({
      name: `safetensors with a tensor named ${word}`,
      kind: 'safetensors',
      bytes: () => safetensors(`{"${word}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, undefined, 4),
    }),
  ),
  { name: 'safetensors nested 100,000 deep', kind: 'safetensors', bytes: () => safetensors('['.repeat(1e5)) },
  {
    name: 'safetensors nested 100,000 deep, and closed',
    kind: 'safetensors',
    bytes: () => safetensors('['.repeat(1e5) + ']'.repeat(1e5)),
  },
  {
    name: 'safetensors of a million empty tensors',
    kind: 'safetensors',
    bytes: () =>
      safetensors(
        `{${Array.from({ length: 1e5 }, (_, i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join(',')}}`,
      ),
  },
  {
    name: 'safetensors whose tensors overlap',
    kind: 'safetensors',
    bytes: () =>
      safetensors(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
        undefined,
        12,
      ),
  },
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `npy of ${giant}`,
      kind: 'npy',
      bytes: () => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${giant},), }\n`),
    }),
  ),
  {
    name: 'npy of objects',
    kind: 'npy',
    bytes: () => npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"),
  },
  { name: 'npy with code in its header', kind: 'npy', bytes: () => npy("__import__('os').system('true')\n") },
  {
    name: 'npy nested 5,000 deep',
    kind: 'npy',
    bytes: () => npy(`{'descr': '<f4', 'fortran_order': False, 'shape': ${'('.repeat(5000)}`),
  },
  ...GIANTS.map(
    (giant): HostileFile => ({
      name: `a tensor of ${giant}`,
      kind: 'tensor',
      bytes: () => tensorFile({ name: 'x', type: FLOAT, dims: [giant], floats: [1] }),
    }),
  ),
  { name: 'groups of a format that ONNX has not, 100,000 deep', bytes: () => new Uint8Array(1e5).fill(0x0b) },
  { name: 'messages in messages, 50,000 deep', bytes: () => deepMessage(50_000) },
];

/** Field 7, a graph, within field 7 and so on: the length of each is that of the rest. */
function deepMessage(depth: number): Uint8Array {
  const parts: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    const varint: number[] = [];
    for (let rest = length; ; rest >>= 7) {
      varint.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    const head = Buffer.from([0x3a, ...varint]);
    parts.push(head);
    length += head.length;
  }
  return Buffer.concat(parts.reverse());
}

export const HOSTILE_FILES: readonly HostileFile[] = [...STRUCTURE_FILES, ...GIANT_FILES, ...names, ...otherFormats];
