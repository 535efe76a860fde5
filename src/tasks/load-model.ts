import { ArgumentError } from '../errors';
import { type DownloadOptions, download } from '../formats/download';
import { readSafetensors } from '../formats/safetensors';
import type { VisionModel } from '../models/vision-model';

export type LoadModelOptions = DownloadOptions;

/**
 * Downloads a network of Fovea's own kind, or takes one that is there.
 *
 * @throws DownloadError, ModelFormatError
 * @throws ArgumentError when the file is for another task
 */
export async function loadVisionModel(
  source: string | URL | Uint8Array | VisionModel,
  task: VisionModel['task'],
  options: LoadModelOptions = {},
): Promise<VisionModel> {
  const model = typeof source === 'object' && 'graph' in source ? source : await read(source, options);
  if (model.task !== task) {
    throw new ArgumentError(`network "${model.graph.name}" is made to ${model.task}, not to ${task}`);
  }
  return model;
}

/** What the networks look like is downloaded beside their weights: who brings a graph of their own needs neither. */
async function read(source: string | URL | Uint8Array, options: LoadModelOptions): Promise<VisionModel> {
  const name = source instanceof Uint8Array ? 'weights' : String(source);
  const [{ buildVisionModel }, bytes] = await Promise.all([
    import('../models'),
    source instanceof Uint8Array ? source : download(source, options),
  ]);
  return buildVisionModel(readSafetensors(bytes, name), name);
}
