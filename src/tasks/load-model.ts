import { ArgumentError } from '../errors';
import { type DownloadOptions, download } from '../formats/download';
import { readSafetensors, readSafetensorsHead, type SafetensorsFile } from '../formats/safetensors';
import type { Graph } from '../graph/graph';
import type { VisionModel } from '../models/vision-model';
import type { Runner } from '../runner';
import type { Task } from './task';

/** A network of Fovea's own kind: its address, its bytes, or what they were read to. */
export type ModelSource = string | URL | Uint8Array | VisionModel;

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
  options: DownloadOptions = {},
): Promise<VisionModel> {
  const model = typeof source === 'object' && 'graph' in source ? source : await read(runner, source, options);
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

/** Imports the networks' definitions beside their weights: whoever brings a graph needs neither. */
async function read(runner: Runner, source: string | URL | Uint8Array, options: DownloadOptions): Promise<VisionModel> {
  const name = source instanceof Uint8Array ? 'weights' : String(source);
  const ahead = compileAhead(runner, async (head) => (await import('../models')).buildVisionModel(head, name).graph);
  const onBytes = (bytes: Uint8Array): void => {
    options.onBytes?.(bytes);
    ahead(bytes);
  };
  const [{ buildVisionModel }, bytes] = await Promise.all([
    import('../models'),
    source instanceof Uint8Array ? source : download(source, { ...options, onBytes }),
  ]);
  return buildVisionModel(readSafetensors(bytes, name), name);
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
