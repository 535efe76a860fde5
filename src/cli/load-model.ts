import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArgumentError, ModelFormatError } from '../errors';
import { download } from '../formats/download';
import { importOnnx, type OnnxGraph, readModel } from '../formats/onnx';
import { readSafetensors } from '../formats/safetensors';
import type { Graph } from '../graph/graph';
import { type NetworkOptions, readNetwork } from '../heads';
import { buildVisionModel, type VisionModel } from '../models';
import type { Tensor } from '../tensor';
import type { Output } from './command';
import { besideModel } from './conformance';
import { readBytes } from './files';
import { formatBytes } from './format';
import { ProgressBar } from './progress';

export const MODEL_OPTIONS = {
  shape: {
    type: 'string',
    multiple: true,
    value: 'NAME=1,3,224,224',
    summary: 'the shape of an ONNX input that the file leaves open, or the length of one symbolic dimension',
  },
} as const;

export const MODEL_USAGE = [
  '<model> is an .onnx file, a .safetensors file of one of Fovea’s networks, an http(s) address of either, - for stdin, or, where the',
  'repository is checked out, classifier, detector or segmenter.',
].join('\n');

export interface LoadedModel {
  readonly graph: Graph;
  /** The model's inputs, those among them that became constants of the graph included. */
  readonly inputNames: ReadonlySet<string>;
}

/** `{`, with which the header of a .safetensors file begins, behind its length of 8 bytes. */
const BRACE = 0x7b;

/**
 * Reads the network that an argument names; `-` is stdin.
 *
 * @param inputs what it will run on, where that is known: it says what shapes the file leaves open
 * @throws ArgumentError, ModelFormatError, DownloadError, UnsupportedOperatorError
 */
export async function loadModel(
  reference: string,
  options: { readonly shape: readonly string[] },
  output: Output,
  inputs: ReadonlyMap<string, Tensor> = new Map(),
): Promise<LoadedModel> {
  const fromStdin = reference === '-' ? readBytes(reference) : undefined;
  if (isBuiltIn(reference) || extensionOf(reference) === 'safetensors' || fromStdin?.[8] === BRACE) {
    const { graph } = fromStdin
      ? buildVisionModel(readSafetensors(fromStdin, 'stdin'), 'stdin')
      : await loadVision(reference, output);
    return { graph, inputNames: new Set(graph.inputs) };
  }
  if (extensionOf(reference) !== 'onnx' && !fromStdin) {
    const expected = `${BUILT_IN.join(', ')}, a .safetensors or an .onnx file`;
    throw new ArgumentError(`"${reference}" is no model: expected ${expected}`);
  }
  const bytes = fromStdin ?? (await readModelBytes(reference, output));
  try {
    return importModel(bytes, reference, parseShapes(options.shape), inputs);
  } catch (cause) {
    if (cause instanceof ModelFormatError) throw new ModelFormatError(`${reference}: ${cause.message}`, { cause });
    throw cause;
  }
}

function importModel(
  bytes: Uint8Array,
  reference: string,
  shapes: Record<string, number[]>,
  inputs: ReadonlyMap<string, Tensor>,
): LoadedModel {
  const { graph: source } = readModel(bytes);
  const initialized = new Set(source.initializers.map(({ name }) => name));
  const names = source.inputs.map(({ name }) => name).filter((name) => !initialized.has(name));
  // Whoever runs the model names the inputs that it lacks.
  const values = [...inputs]
    .map(([name, tensor]) => [name === '' && names.length === 1 ? names[0] : name, tensor] as const)
    .filter(([name]) => names.includes(name));
  const split = splitShapes(source, shapes);
  const given = new Set([...initialized, ...Object.keys(split.shapes), ...values.map(([name]) => name)]);
  for (const input of source.inputs) if (!given.has(input.name)) checkClosed(input, split.dimensions);
  const graph = importOnnx(bytes, {
    ...split,
    values: Object.fromEntries(values),
    externalData: besideModel(dirname(resolve(reference))),
  });
  return { graph, inputNames: new Set(names) };
}

/**
 * Reads a network with what it needs to look at pictures: one of Fovea's own, or an ONNX file by other people.
 *
 * @param task what an ONNX file is to do; without one only Fovea's own networks are read
 * @throws ArgumentError, ModelFormatError, UnsupportedOperatorError, DownloadError
 */
export async function loadVision(
  reference: string,
  output: Output,
  task?: string,
  options: NetworkOptions = {},
): Promise<VisionModel> {
  const file = isBuiltIn(reference) ? weightsFile(reference) : reference;
  if (extensionOf(file) !== 'onnx') {
    return buildVisionModel(readSafetensors(await readModelBytes(file, output), file), file);
  }
  if (task === undefined) throw new ArgumentError(`${file}: expected a .safetensors file of one of Fovea’s networks`);
  return readNetwork(await readModelBytes(file, output), task, options, file);
}

/** The networks that come with Fovea. */
const BUILT_IN = ['classifier', 'detector', 'segmenter'] as const;

const isBuiltIn = (reference: string): boolean => BUILT_IN.some((name) => name === reference);

const extensionOf = (reference: string): string | undefined =>
  /\.(\w+)$/.exec(reference.replace(/[?#].*$/, ''))?.[1].toLowerCase();

/** The `weights` folder is beside this file's, however deep the build puts it. @throws ArgumentError */
function weightsFile(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'weights', `${name}.safetensors`);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) {
      throw new ArgumentError(
        `the ${name}'s weights are not here: the package leaves them out; take weights/${name}.safetensors from Fovea's repository and name that file or its address`,
      );
    }
  }
}

/** @throws ArgumentError with the options that say what the file leaves open; the first axis is 1 without them */
function checkClosed({ name, dims = [] }: OnnxGraph['inputs'][number], known: Readonly<Record<string, number>>): void {
  const open = dims.slice(1).filter((d) => typeof d !== 'number' && !(d !== undefined && Object.hasOwn(known, d)));
  if (open.length === 0) return;
  const symbols = [...new Set(open.filter((d) => d !== undefined))].map((d) => `--shape ${d}=…`);
  const whole = `--shape ${name}=${dims.map((d, axis) => (typeof d === 'number' ? d : axis === 0 ? 1 : '…')).join(',')}`;
  const options = symbols.length > 0 && !open.includes(undefined) ? `${symbols.join(' ')}, or ${whole}` : whole;
  throw new ArgumentError(
    `input "${name}" is [${dims.map((d) => d ?? '?').join(', ')}]: say how large with ${options}`,
  );
}

/** Shapes of inputs apart from lengths of symbolic dimensions. @throws ArgumentError for a name that is neither */
function splitShapes({ inputs }: OnnxGraph, given: Readonly<Record<string, number[]>>) {
  const names = new Set(inputs.map(({ name }) => name));
  const symbols = new Set(inputs.flatMap(({ dims = [] }) => dims.filter((d) => typeof d === 'string')));
  const shapes: Record<string, number[]> = {};
  const dimensions: Record<string, number> = {};
  for (const [name, shape] of Object.entries(given)) {
    if (names.has(name)) shapes[name] = shape;
    else if (symbols.has(name) && shape.length === 1) dimensions[name] = shape[0];
    else {
      const known = [...names, ...symbols].join(', ');
      throw new ArgumentError(`--shape ${name}=${shape.join(',')} names no input or dimension; there are ${known}`);
    }
  }
  return { shapes, dimensions };
}

/** @throws ArgumentError, DownloadError */
async function readModelBytes(reference: string, output: Output): Promise<Uint8Array<ArrayBuffer>> {
  if (!/^https?:/.test(reference)) return readBytes(reference);
  const bar = new ProgressBar(output, 'downloading', formatBytes);
  try {
    return await download(reference, { onProgress: ({ loaded, total }) => bar.update(loaded, total) });
  } finally {
    bar.finish();
  }
}

/** `name=1,3,224,224` as a shape by name. @throws ArgumentError */
export function parseShapes(texts: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, dims] = /^(.+)=(\d+(?:[,x]\d+)*)?$/.exec(text) ?? [];
      if (name === undefined) throw new ArgumentError(`--shape must be NAME=1,3,224,224, got "${text}"`);
      return [name, dims === undefined ? [] : dims.split(/[,x]/).map(Number)];
    }),
  );
}
