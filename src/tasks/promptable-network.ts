import { asBytes, kindOf } from '../arguments';
import { ArgumentError } from '../errors';
import { type DownloadOptions, downloadAs } from '../formats/download';
import { GraphBuilder } from '../graph/builder';
import type { Graph } from '../graph/graph';
import type { VisionModel } from '../models/vision-model';
import type { Pair } from '../operators/window';
import type { Placement } from '../picture';
import { type Shape, Tensor } from '../tensor';
import type { Prompt, PromptableFile } from './prompt';

/** The two networks of SAM's kind: how their files name things, and how prompts become their inputs. */

/** What a prompt is to the decoder: x and y in turns, in pixels of the input, and a label for each pair. */
interface Points {
  readonly coordinates: readonly number[];
  readonly labels: readonly number[];
}

export interface PromptDecoder {
  /** Its outputs: maps `[…, M, h, w]` and how well each fits `[…, M]`. */
  readonly masks: string;
  readonly scores: string;
  /** The network for so many points. */
  graph(points: number): Graph;
  /** @throws ArgumentError for a prompt that it does not take, or that says nothing */
  points(prompt: Prompt, placement: Placement): Points;
  inputs(given: Points & { previous?: Tensor<'float32'>; placement: Placement }): Record<string, Tensor>;
}

/** Labels of points: beside the thing, on it, a box's two corners, and one that says nothing. */
const [OUTSIDE, INSIDE, TOP_LEFT, BOTTOM_RIGHT, NOTHING] = [0, 1, 2, 3, -1];

/** What the encoders of SAM and MobileSAM give, in every form that is read here. */
const EMBEDDINGS = 'image_embeddings';

const SIDE = 1024;
/** ImageNet's, as SAM was trained with. */
const [MEAN, STD] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
] as const;
/** Marks the bars beside a picture, whose values are 0..1. */
const BARS = -1;

/** Reads both files. @throws ArgumentError when they are no such pair */
export async function readPromptable(
  encoder: PromptableFile,
  decoder: PromptableFile,
  options: DownloadOptions,
): Promise<{ encoder: VisionModel; decoder: PromptDecoder }> {
  const [first, second] = [await bytesOf('encoder', encoder, options), await bytesOf('decoder', decoder, options)];
  const { importOnnx, readModel } = await import('../formats/onnx');
  const [input] = readModel(first).graph.inputs;
  const [height, width] = (input?.dims ?? []).slice(2).map((d) => (typeof d === 'number' && d > 0 ? d : SIDE));
  if (input?.dims?.length !== 4) throw new ArgumentError('the encoder must take a picture [1, 3, H, W]');
  const size: Pair = [height, width];
  const seeing = withPicture(importOnnx(first, { shapes: { [input.name]: [1, 3, ...size] } }), input.name, size);
  const shapes = new Map(seeing.outputs.map((name) => [name, seeing.values.get(name)!.shape]));
  if (!shapes.has(EMBEDDINGS)) {
    throw new ArgumentError(`the encoder gives ${seeing.outputs.join(', ')}; ${EMBEDDINGS} is expected`);
  }
  const names = readModel(second).graph.inputs.map(({ name }) => name);
  const known = (given: Readonly<Record<string, Shape>>): Record<string, Shape> =>
    Object.fromEntries(
      Object.entries({ ...Object.fromEntries(shapes), ...given }).filter(([name]) => names.includes(name)),
    );
  const make = names.includes('point_coords')
    ? publishedDecoder
    : names.includes('input_points')
      ? pairedDecoder
      : undefined;
  if (!make) {
    throw new ArgumentError(
      `the decoder must take point_coords and point_labels, or input_points and input_labels; it takes ${names.join(', ')}`,
    );
  }
  const own = make(size);
  const prompted = Object.keys(own.shapes(1));
  const strange = names.find((name) => !shapes.has(name) && !prompted.includes(name));
  if (strange !== undefined) {
    const expected = [...shapes.keys(), ...prompted].join(', ');
    throw new ArgumentError(`the decoder takes "${strange}", which no encoder or prompt gives: ${expected} are known`);
  }
  const graph = (points: number): Graph => {
    const decoding = importOnnx(second, { shapes: known(own.shapes(points)), values: own.values(names) });
    const outputs = [own.masks, own.scores].map((pattern) => {
      const found = decoding.outputs.find((name) => pattern.test(name));
      return found ?? failed(`the decoder gives ${decoding.outputs.join(', ')}, and none is like ${pattern.source}`);
    });
    return { ...decoding, outputs };
  };
  const [masks, scores] = graph(2).outputs;
  const spec = { size, fit: 'letterbox', align: 'top-left', wholePixels: true, bars: BARS } as const;
  const plain = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  return {
    encoder: { task: 'encode', graph: seeing, labels: [], spec: { ...spec, ...plain } },
    decoder: { masks, scores, graph, points: own.points, inputs: own.inputs },
  };
}

function failed(message: string): never {
  throw new ArgumentError(message);
}

async function bytesOf(what: string, file: PromptableFile, options: DownloadOptions): Promise<Uint8Array> {
  const given = asBytes(file instanceof Blob ? await file.arrayBuffer() : file);
  if (given) return given;
  if (typeof file === 'string' || file instanceof URL) return downloadAs(file, async (bytes) => bytes, options);
  throw new ArgumentError(`the ${what} is an address or the bytes of its file, got ${kindOf(file)}`);
}

/** Normalises a picture in front of the network, and makes its bars 0 behind that, as SAM's own code pads. */
function withPicture(graph: Graph, input: string, [height, width]: Pair): Graph {
  const b = new GraphBuilder('picture');
  const fresh = (name: string): string => (graph.values.has(name) ? fresh(`${name}'`) : name);
  const add = (op: 'sub' | 'div' | 'mul' | 'greater', a: string, c: string, output?: string): string =>
    b.add('binary', [a, c], { fn: op }, fresh(`picture ${op}`), [output ?? fresh(`picture ${op}`)])[0];
  const row = (name: string, values: readonly number[]): string =>
    b.constant(fresh(`picture ${name}`), Tensor.float32([1, values.length, 1, 1], values));
  const x = b.input(fresh('picture'), [1, 3, height, width]);
  const normal = add('div', add('sub', x, row('mean', MEAN)), row('deviation', STD));
  const isSeen = add('greater', x, row('bars', [BARS / 2]));
  const [seen] = b.add('cast', [isSeen], { to: 'float32' }, fresh('picture seen'), [fresh('picture seen')]);
  add('mul', normal, seen, input);
  const front = b.build([input]);
  return {
    ...graph,
    inputs: front.inputs,
    nodes: [...front.nodes, ...graph.nodes],
    values: new Map([...graph.values, ...front.values]),
    constants: new Map([...graph.constants, ...front.constants]),
  };
}

interface Convention {
  readonly masks: RegExp;
  readonly scores: RegExp;
  shapes(points: number): Record<string, Shape>;
  values(names: readonly string[]): Record<string, Tensor>;
  points: PromptDecoder['points'];
  inputs: PromptDecoder['inputs'];
}

/** The decoder as SAM's and MobileSAM's own scripts export it (`export_onnx_model.py`). */
const publishedDecoder = (size: Pair): Convention => {
  const low = size.map((side) => side / 4);
  return {
    masks: /low_res/,
    scores: /iou/,
    shapes: (points) => ({
      point_coords: [1, points, 2],
      point_labels: [1, points],
      mask_input: [1, 1, ...low],
      has_mask_input: [1],
      orig_im_size: [2],
    }),
    values: (names): Record<string, Tensor> =>
      names.includes('orig_im_size') ? { orig_im_size: Tensor.float32([2], size) } : {},
    points(prompt, placement) {
      const { coordinates, labels } = clicks(prompt, placement);
      const { box } = prompt;
      if (!box) return { coordinates: [...coordinates, 0, 0], labels: [...labels, NOTHING] };
      const corners = [...toInput(placement, box.xmin, box.ymin), ...toInput(placement, box.xmax, box.ymax)];
      return { coordinates: [...coordinates, ...corners], labels: [...labels, TOP_LEFT, BOTTOM_RIGHT] };
    },
    inputs: ({ coordinates, labels, previous, placement }) => ({
      point_coords: Tensor.float32([1, labels.length, 2], coordinates),
      point_labels: Tensor.float32([1, labels.length], labels),
      mask_input: previous ? Tensor.float32([1, 1, ...previous.shape], previous.data) : Tensor.float32([1, 1, ...low]),
      has_mask_input: Tensor.float32([1], [Number(previous !== undefined)]),
      orig_im_size: Tensor.float32([2], [placement.height, placement.width]),
    }),
  };
};

/** The decoder of a pair for transformers.js, `prompt_encoder_mask_decoder.onnx`: it adds the point that says nothing itself. */
const pairedDecoder = (): Convention => ({
  masks: /pred_masks/,
  scores: /iou/,
  shapes: (points) => ({ input_points: [1, 1, points, 2], input_labels: [1, 1, points] }),
  values: () => ({}),
  points(prompt, placement) {
    if (prompt.box) throw new ArgumentError('this decoder takes points, and no box');
    if (prompt.previous) throw new ArgumentError('this decoder takes points, and no previous mask');
    return clicks(prompt, placement);
  },
  inputs: ({ coordinates, labels }) => ({
    input_points: Tensor.float32([1, 1, labels.length, 2], coordinates),
    input_labels: Tensor.int32([1, 1, labels.length], labels),
  }),
});

/** @throws ArgumentError for a prompt without a point or a box, and for coordinates that are no numbers */
function clicks({ points = [], box }: Prompt, placement: Placement): Points {
  if (points.length === 0 && !box) throw new ArgumentError('a prompt needs at least a point or a box');
  const corners = box ? [box.xmin, box.ymin, box.xmax, box.ymax] : [];
  const wrong = [...points.flatMap(({ x, y }) => [x, y]), ...corners].find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new ArgumentError(`a prompt's coordinates must be numbers, got ${wrong}`);
  return {
    coordinates: points.flatMap(({ x, y }) => toInput(placement, x, y)),
    labels: points.map(({ inside = true }) => (inside ? INSIDE : OUTSIDE)),
  };
}

const toInput = ({ width, height, target }: Placement, x: number, y: number): readonly [number, number] => [
  (x / width) * target.width,
  (y / height) * target.height,
];
