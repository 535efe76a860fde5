import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/formats/npy';
import { importOnnx, readTensorFile } from '../../src/formats/onnx';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { Tensor } from '../../src/tensor';
import { Random } from '../support/random';
import { shared } from '../support/shared';
import { FUZZ_CASES, fuzz } from './fuzz';
import { garble } from './fuzz-models';
import { damaged } from './mutations';
import { EXAMPLE_MODELS } from './onnx-examples';
import { EXPORTER_MODELS } from './onnx-exporter-examples';
import { onnxFile, tensorFile } from './onnx-file';
import { INDEX_MODELS } from './onnx-index-examples';
import { RESIZE_MODELS } from './onnx-resize-examples';

const random = new Random(7);
const tensors = new Map<string, Tensor>([
  ['conv.weight', random.tensor([4, 3, 3, 3])],
  ['classes', Tensor.int32([5], [0, -1, 2, 3, 80])],
  ['mask', Tensor.bool([2, 2], [0, 1, 1, 0])],
  ['scalar', random.tensor([])],
]);
const models = [...EXAMPLE_MODELS, ...EXPORTER_MODELS, ...INDEX_MODELS, ...RESIZE_MODELS].map(([, model]) => model);
const examples = models.map(onnxFile);

/** The networks of ONNX's own node tests, where they are at hand: small and many. */
function nodeTests(): Uint8Array[] {
  const folder = shared('onnx/node-tests');
  if (!folder) return [];
  const names = readdirSync(folder).filter((name) => name.startsWith('test_'));
  return names.map((name) => readFileSync(join(folder, name, 'model.onnx')));
}

/** Networks by other people, the small ones: their nodes lie before their weights, in the first kilobytes. */
const HEAD_BYTES = 32_768;
const SMALL_BYTES = 500_000;

function trainedNetworks(): Uint8Array[] {
  const folder = shared('onnx/models');
  if (!folder) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
  return files.map((name) => readFileSync(join(folder, name))).filter(({ length }) => length < SMALL_BYTES);
}

describe('a damaged file', () => {
  const minutes = (FUZZ_CASES / 10_000) * 5 * 60_000;

  it('of ONNX is read or refused, never a crash, a hang or a giant allocation', { timeout: minutes }, () => {
    for (const file of examples) expect(() => importOnnx(file)).not.toThrow();
    fuzz(FUZZ_CASES * 0.4, damaged([...examples, ...nodeTests()]), (bytes) => importOnnx(bytes));
  });

  it('of a trained network is read or refused', { timeout: minutes }, (context) => {
    const networks = trainedNetworks();
    if (networks.length === 0) context.skip('networks by other people are not in ../shared');
    for (const network of networks) expect(() => importOnnx(network)).not.toThrow();
    const make = (random: Random): Uint8Array => {
      const network = networks[Math.floor(random.next() * networks.length)];
      const head = damaged([network.subarray(0, HEAD_BYTES)])(random);
      return Buffer.concat([head, network.subarray(HEAD_BYTES)]);
    };
    fuzz(FUZZ_CASES * 0.02, make, (bytes) => importOnnx(bytes));
  });

  it('of ONNX that is well-formed nonsense is read or refused', { timeout: minutes }, () => {
    const make = (random: Random): Uint8Array =>
      onnxFile(garble(models[Math.floor(random.next() * models.length)], random));
    fuzz(FUZZ_CASES * 0.3, make, (bytes) => importOnnx(bytes));
  });

  it('of one ONNX tensor is read or refused', { timeout: minutes }, () => {
    const files = [
      tensorFile({ name: 'x', type: 1, dims: [2, 3], raw: new Uint8Array(24) }),
      tensorFile({ name: 'x', type: 7, dims: [2], int64s: [1, -5] }),
      tensorFile({ name: 'x', type: 10, dims: [2], int32s: [0x3c00, 0x4000] }),
    ];
    fuzz(FUZZ_CASES * 0.05, damaged(files), (bytes) => readTensorFile(bytes));
  });

  it('of safetensors is read or refused', { timeout: minutes }, () => {
    const files = [
      writeSafetensors(tensors, { format: 'pt' }),
      writeSafetensors(new Map([...tensors].slice(0, 1)), {}, 'f16'),
    ];
    fuzz(FUZZ_CASES * 0.15, damaged(files), (bytes) => readSafetensors(bytes, 'damaged.safetensors'));
  });

  it('of npy is read or refused', { timeout: minutes }, () => {
    const files = [...tensors.values()].map((tensor) => writeNpy(tensor));
    fuzz(FUZZ_CASES * 0.1, damaged(files), (bytes) => readNpy(bytes, 'damaged.npy'));
  });
});
