import { asBytes, kindOf } from '../arguments';
import { ArgumentError } from '../errors';
import { type DownloadOptions, downloadAs } from '../formats/download';
import { readSafetensors, readSafetensorsHead, type SafetensorsFile } from '../formats/safetensors';
import type { Graph } from '../graph/graph';
import type { NetworkOptions } from '../heads';
import type { VisionModel } from '../models/vision-model';
import type { Runner } from '../runner';
import type { Task } from './task';

/** A network of Fovea's own kind or an ONNX file: its address or, in Node, its path; its bytes; or what they were read to. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer | Blob | VisionModel;

/** The second part is for networks by other people. */
export type ModelOptions = DownloadOptions & NetworkOptions;

/**
 * Downloads a network, or takes one that is there.
 *
 * @throws DownloadError, ModelFormatError
 * @throws ArgumentError when the file is for another task, or the network lacks an output that the task reads
 */
export async function loadVisionModel(
  runner: Runner,
  source: ModelSource,
  task: Pick<Task<unknown>, 'name' | 'outputs'>,
  options: ModelOptions = {},
): Promise<VisionModel> {
  const model = isModel(source) ? source : await read(runner, source, task.name, options);
  const { graph } = model;
  if (model.task !== task.name) {
    throw new ArgumentError(`network "${graph.name}" is made to ${model.task}, not to ${task.name}`);
  }
  for (const [name, { shape, fits }] of Object.entries(task.outputs)) {
    const found = graph.outputs.includes(name) ? graph.values.get(name)!.shape : undefined;
    if (found && fits(found)) continue;
    const got = found ? `[${found.join(', ')}]` : `outputs ${graph.outputs.join(', ')}`;
    throw new ArgumentError(
      `network "${graph.name}" must have an output "${name}" ${shape} to ${task.name}, got ${got}`,
    );
  }
  return model;
}

const isModel = (source: unknown): source is VisionModel =>
  typeof source === 'object' && source !== null && 'graph' in source;

/** ONNX files begin with a version; a safetensors file has an opening brace behind eight bytes of length. */
const isOnnx = (bytes: Uint8Array): boolean => bytes[0] === 8 && bytes[8] !== 0x7b;

/** Imports the networks' definitions beside their weights: whoever brings a graph needs neither. */
async function read(
  runner: Runner,
  source: Exclude<ModelSource, VisionModel>,
  task: string,
  options: ModelOptions,
): Promise<VisionModel> {
  const build = async (bytes: Uint8Array, file: string, address?: string): Promise<VisionModel> =>
    isOnnx(bytes)
      ? (await import('../heads')).readNetwork(bytes, task, options, address)
      : (await import('../models')).buildVisionModel(readSafetensors(bytes, file), file);
  const given = asBytes(source instanceof Blob ? await source.arrayBuffer() : source);
  if (given) return build(given, 'weights');
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ArgumentError(`a network is an address, the bytes of its file or a VisionModel, got ${kindOf(source)}`);
  }
  const name = String(source);
  const ahead = compileAhead(runner, async (head) => (await import('../models')).buildVisionModel(head, name).graph);
  const onBytes = (bytes: Uint8Array): void => {
    options.onBytes?.(bytes);
    ahead(bytes);
  };
  return downloadAs(source, (bytes) => build(bytes, name, name), { ...options, onBytes });
}

/**
 * For `onBytes` of a download: has the runner compile while the weights arrive, as soon as the head of their file says
 * what network they are for. Errors are ignored here: loading the network meets them again.
 *
 * @param build the network's graph, from a file whose tensors hold zeros
 */
export function compileAhead(
  runner: Runner | Promise<Runner | undefined>,
  build: (head: SafetensorsFile) => Promise<Graph>,
): (bytes: Uint8Array) => void {
  let begun = false;
  return (bytes) => {
    const head = begun ? undefined : readSafetensorsHead(bytes, 'weights');
    if (!head) return;
    begun = true;
    Promise.all([runner, build(head)])
      .then(([on, graph]) => on?.compile?.(graph))
      .catch(() => {});
  };
}
