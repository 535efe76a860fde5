import type { Engine } from '../engine';
import { ArgumentError } from '../errors';
import { type DownloadOptions, download } from '../formats/download';
import { readSafetensors, readSafetensorsHead, type SafetensorsFile } from '../formats/safetensors';
import type { Graph } from '../graph/graph';
import type { VisionModel } from '../models/vision-model';
import type { Shape } from '../tensor';

export type LoadModelOptions = DownloadOptions;

/** The output that a task reads, and what its shape must be. */
const OUTPUTS: Readonly<Record<VisionModel['task'], { name: string; shape: string; fits: (shape: Shape) => boolean }>> =
  {
    classify: {
      name: 'probabilities',
      shape: '[1, classes]',
      fits: ({ 0: batch, length }) => length === 2 && batch === 1,
    },
    detect: { name: 'detections', shape: '[M, 6]', fits: ({ 1: row, length }) => length === 2 && row === 6 },
    segment: {
      name: 'logits',
      // A class is one byte of a mask.
      shape: '[1, classes, h, w] with at most 256 classes',
      fits: ({ 0: batch, 1: classes, length }) => length === 4 && batch === 1 && classes <= 256,
    },
  };

/**
 * Downloads a network of Fovea's own kind, or takes one that is there.
 *
 * @throws DownloadError, ModelFormatError
 * @throws ArgumentError when the file is for another task, or the network lacks the output that the task reads
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
  const { name, shape, fits } = OUTPUTS[task];
  const { graph } = model;
  const found = graph.outputs.includes(name) ? graph.values.get(name)!.shape : undefined;
  if (!found || !fits(found)) {
    const got = found ? `[${found.join(', ')}]` : `outputs ${graph.outputs.join(', ')}`;
    throw new ArgumentError(`network "${graph.name}" must have an output "${name}" ${shape} to ${task}, got ${got}`);
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
