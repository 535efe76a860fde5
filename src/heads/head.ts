import type { Graph } from '../graph/graph';
import type { Pair } from '../operators/window';
import type { PictureSpec } from '../picture';
import type { Shape, Tensor, ValueInfo } from '../tensor';
import type { NetworkTail } from './network-tail';

/** One output of a network by other people. */
export interface OutputInfo extends ValueInfo {
  readonly name: string;
}

/** Everything that a head may look at to say whether a network is of its kind. */
export interface NetworkFacts {
  readonly graph: Graph;
  readonly outputs: readonly OutputInfo[];
  /** `[height, width]` of the picture that the network takes. */
  readonly size: Pair;
  /** Whether the network's axes are TensorFlow's, channels last. */
  readonly channelsLast: boolean;
  /** What the exporter wrote into the file, by its own keys. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Hugging Face's `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the classes, where they are known. */
  readonly labels: readonly string[] | undefined;
  readonly options: HeadOptions;
}

/** What a caller may say about a network's outputs, where the file leaves it open or says it wrongly. */
export interface HeadOptions {
  /** The head's name, such as `yolov8`; otherwise the outputs say. */
  readonly name?: string;
  /** What makes probabilities of the scores: nothing when they are probabilities already. */
  readonly activation?: 'softmax' | 'sigmoid' | 'none';
  /** Boxes as two corners or as centre and size. */
  readonly boxFormat?: 'corners' | 'center';
  /** Whether boxes are in pixels of the input or in 0..1 of it. */
  readonly units?: 'pixels' | 'unit';
  /** Which class is none: a softmax has one for the background. */
  readonly background?: 'first' | 'last' | 'none';
  /** `[B, 4]` (cx, cy, w, h in 0..1): the boxes that SSD's offsets start from, which files seldom hold. */
  readonly defaultBoxes?: Tensor;
  /** Factors of SSD's offsets: for the centre, for the size. */
  readonly variances?: Pair;
  /** For each grid of YOLOv3 to v7, from the finest: width and height of each anchor, in pixels. */
  readonly anchors?: readonly (readonly Pair[])[];
  /** Two boxes of one class that overlap by more than this are one thing. */
  readonly iouThreshold?: number;
  /** Boxes that score less are left out on the GPU already. Default 0.05. */
  readonly scoreThreshold?: number;
}

/** The part of a preparation that depends on what networks of a kind were trained on. */
export type PictureChoices = Omit<PictureSpec, 'size'>;

/** What one network's outputs mean. */
export interface Reading {
  /** How many classes are named, the background included. */
  readonly classes: number;
  /** Their names, where networks of the kind always have the same. */
  readonly names?: readonly string[];
  /** Index 0 is nothing: the result's labels have a name for it that those of the file may lack. */
  readonly background?: boolean;
  /** The preparation that such networks usually want. */
  readonly usual?: Partial<PictureChoices>;
  /** Adds the decoding behind the network. @returns the outputs that the task reads */
  append(net: NetworkTail): string[];
}

/** A kind of outputs: it recognises itself, and decodes them with operators of the graph, wherever that runs. */
export interface Head {
  /** The name by which callers ask for it. */
  readonly name: string;
  /** The task that it answers. */
  readonly task: string;
  /** The outputs that it reads, for people. */
  readonly reads: string;
  /** @returns undefined for outputs of another kind @throws ArgumentError when something has to be given */
  recognise(network: NetworkFacts): Reading | undefined;
}

/** `[1, ...]` of so many axes. */
export const isRank = ({ shape }: { readonly shape: Shape }, rank: number): boolean =>
  shape.length === rank && shape[0] === 1;

export const isFloat = ({ dtype }: ValueInfo): boolean => dtype === 'float32';
