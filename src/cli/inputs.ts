import { ArgumentError, ModelFormatError } from '../errors';
import { readNpy } from '../formats/npy';
import { readTensorFile } from '../formats/onnx';
import { sameShape, type Tensor } from '../tensor';
import { readBytes } from './files';
import { formatShape } from './format';
import type { LoadedModel } from './load-model';

/** Whether an argument is one more `name=file` after `--input`. */
export const isInput = (argument: string): boolean => /^[^=]+=(-|.*\.(npy|pb))$/.test(argument);

/** Files by input name; a file without a name goes by the empty one. @throws ArgumentError when a name is there twice */
export function parseInputs(inputs: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const input of inputs) {
    const [, name = '', file] = /^(?:([^=]+)=)?(.*)$/s.exec(input)!;
    if (files.has(name)) throw new ArgumentError(`input "${name}" is given twice`);
    files.set(name, file);
  }
  return files;
}

/** The first byte of NumPy's files, and of none that ONNX writes. */
const NPY_START = 0x93;

/** Reads `.npy` files, and the `.pb` files in which ONNX keeps test data. @throws ArgumentError, ModelFormatError */
export function readTensors(files: ReadonlyMap<string, string>): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, file] of files) {
    const bytes = readBytes(file);
    const isNpy = file === '-' ? bytes[0] === NPY_START : !file.endsWith('.pb');
    tensors.set(name, isNpy ? readNpy(bytes, file) : readTensorProto(bytes, file));
  }
  return tensors;
}

function readTensorProto(bytes: Uint8Array, file: string): Tensor {
  try {
    return readTensorFile(bytes).tensor;
  } catch (cause) {
    if (cause instanceof ModelFormatError) throw new ModelFormatError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

/**
 * The tensors under the graph's own names for them.
 *
 * @throws ArgumentError naming every input that is missing, and one that is unknown or of another shape or type
 */
export function bindInputs(
  { graph, inputNames }: LoadedModel,
  tensors: ReadonlyMap<string, Tensor>,
): Record<string, Tensor> {
  const named = new Map(tensors);
  const nameless = named.get('');
  if (nameless && graph.inputs.length === 1 && named.size === 1) {
    named.delete('');
    named.set(graph.inputs[0], nameless);
  }
  const declared = graph.inputs.map((name) => {
    const { shape, dtype } = graph.values.get(name)!;
    return { name, shape, dtype, text: `"${name}" (${dtype} ${formatShape(shape)})` };
  });
  // Some of the model's inputs may have become constants of the graph.
  const unknown = [...named.keys()].find((name) => !inputNames.has(name));
  if (unknown !== undefined) {
    const known = declared.map(({ text }) => text).join(', ') || 'none';
    const asked = unknown === '' ? 'a nameless input fits a model with one input' : `there is no input "${unknown}"`;
    throw new ArgumentError(`model "${graph.name}": ${asked}; its inputs are ${known}`);
  }
  const missing = declared.filter(({ name }) => !named.has(name)).map(({ text }) => text);
  if (missing.length > 0) throw new ArgumentError(`model "${graph.name}" needs input ${missing.join(', ')}`);
  return Object.fromEntries(
    declared.map(({ name, shape, dtype, text }) => {
      const tensor = named.get(name)!;
      if (tensor.dtype !== dtype || !sameShape(tensor.shape, shape)) {
        throw new ArgumentError(`input ${text} is given as ${tensor.dtype} ${formatShape(tensor.shape)}`);
      }
      return [name, tensor];
    }),
  );
}
