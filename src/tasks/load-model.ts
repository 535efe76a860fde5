import type { Engine } from '../engine';
import { ArgumentError } from '../errors';
import { type DownloadOptions, download } from '../formats/download';
import { readSafetensors, readSafetensorsHead, type SafetensorsFile } from '../formats/safetensors';
import type { Graph } from '../graph/graph';
import type { VisionModel } from '../models/vision-model';

export type LoadModelOptions = DownloadOptions;

/**
 * Downloads a network of Fovea's own kind, or takes one that is there.
 *
 * @throws DownloadError, ModelFormatError
 * @throws ArgumentError when the file is for another task
 */
export async function loadVisionModel(
  engine: Engine,
  source: string | URL | Uint8Array | VisionModel,
  task: VisionModel['task'],
  options: LoadModelOptions = {},
): Promise<VisionModel> {
  const model = typeof source === 'object' && 'graph' in source ? source : await read(engine, source, options);
  if (model.task !== task) {
    throw new ArgumentError(`network "${model.graph.name}" is made to ${model.task}, not to ${task}`);
  }
  return model;
}

/** What the networks look like is downloaded beside their weights: who brings a graph of their own needs neither. */
async function read(
  engine: Engine,
  source: string | URL | Uint8Array,
  options: LoadModelOptions,
): Promise<VisionModel> {
  const name = source instanceof Uint8Array ? 'weights' : String(source);
  const ahead = compileAhead(engine, async (head) => (await import('../models')).buildVisionModel(head, name).graph);
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
 * For `onBytes` of a download: has the engine compile while the weights arrive, as soon as the head of their file says
 * what network they are for. What goes wrong is left to be said when the network is loaded.
 *
 * @param build the network's graph, from a file whose tensors hold zeros
 */
export function compileAhead(
  engine: Engine | Promise<Engine | undefined>,
  build: (head: SafetensorsFile) => Promise<Graph>,
): (bytes: Uint8Array) => void {
  let begun = false;
  return (bytes) => {
    const head = begun ? undefined : readSafetensorsHead(bytes, 'weights');
    if (!head) return;
    begun = true;
    Promise.all([engine, build(head)])
      .then(([on, graph]) => on?.compile(graph))
      .catch(() => {});
  };
}
