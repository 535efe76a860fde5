import type { Engine } from '../engine';
import { ArgumentError } from '../errors';
import type { VisionModel } from '../models';
import { placePicture, type RawPicture } from '../picture';
import { pictureToTensor } from '../reference/picture';
import { segmentMask } from '../reference/segment-mask';
import { ImageClassifier } from '../tasks/image-classifier';
import { ImageSegmenter } from '../tasks/image-segmenter';
import { type Detection, ObjectDetector, toDetections } from '../tasks/object-detector';
import type { Tensor } from '../tensor';
import type { Backend } from './backend';

export type Task = VisionModel['task'];

/** What each task answers about a picture. */
export interface Answers {
  /** The score of every label. */
  readonly classify: Float32Array;
  /** Everything that is left after non-maximum suppression, best first. */
  readonly detect: readonly Detection[];
  /** The class of every pixel. */
  readonly segment: Uint8Array;
}

/** One of the three tasks on some backend. */
export interface Vision<T extends Task = Task> extends Pick<VisionModel, 'labels' | 'dataNames' | 'threshold'> {
  answer(picture: RawPicture): Promise<Answers[T]>;
}

/** How a task is done on the GPU, by the public API, and on the CPU, by the references. */
interface Ways<T extends Task> {
  onGpu(engine: Engine, model: VisionModel): Promise<(picture: RawPicture) => Promise<Answers[T]>>;
  fromOutputs(outputs: ReadonlyMap<string, Tensor>, model: VisionModel, picture: RawPicture): Answers[T];
}

const WAYS: { readonly [T in Task]: Ways<T> } = {
  classify: {
    async onGpu(engine, model) {
      const classifier = await ImageClassifier.load(engine, model);
      return (picture) => classifier.scores(picture);
    },
    fromOutputs: (outputs) => outputs.get('probabilities')!.data as Float32Array,
  },
  detect: {
    async onGpu(engine, model) {
      const detector = await ObjectDetector.load(engine, model);
      return (picture) => detector.candidates(picture);
    },
    fromOutputs(outputs, { labels, spec }, { width, height }) {
      const rows = outputs.get('detections')!.data as Float32Array;
      return toDetections(rows, labels, placePicture(width, height, spec));
    },
  },
  segment: {
    async onGpu(engine, model) {
      const segmenter = await ImageSegmenter.load(engine, model);
      return async (picture) => (await segmenter.segment(picture)).classes;
    },
    fromOutputs: (outputs, { spec }, { width, height }) =>
      segmentMask(outputs.get('logits')!, placePicture(width, height, spec)),
  },
};

/** The network that comes with Fovea for a task. */
export const BUILT_IN: Readonly<Record<Task, string>> = {
  classify: 'classifier',
  detect: 'detector',
  segment: 'segmenter',
};

/**
 * A network made ready for its task on a backend.
 *
 * @throws ArgumentError when the network is for another task
 */
export async function openVision<T extends Task>(task: T, backend: Backend, model: VisionModel): Promise<Vision<T>> {
  if (model.task !== task) {
    throw new ArgumentError(`network "${model.graph.name}" is made to ${model.task}, not to ${task}`);
  }
  const { labels, dataNames, threshold, graph, spec } = model;
  const ways: Ways<T> = WAYS[task];
  const known = { labels, dataNames, threshold };
  if (backend.engine) return { ...known, answer: await ways.onGpu(backend.engine, model) };
  const network = await backend.load(graph);
  return {
    ...known,
    answer: async (picture) => {
      const outputs = await network.run({ [graph.inputs[0]]: pictureToTensor(picture, spec) });
      return ways.fromOutputs(outputs, model, picture);
    },
  };
}
