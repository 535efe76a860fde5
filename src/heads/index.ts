/** Networks by other people: what their outputs mean, and how their pictures are prepared. Loaded when one is opened. */
import { kindOf } from '../arguments';
import { ArgumentError } from '../errors';
import type { DownloadOptions } from '../formats/download';
import { importOnnx, readModel } from '../formats/onnx';
import { downloadDataFiles } from '../formats/onnx/fetch';
import type { Files } from '../formats/onnx/tensors';
import type { Graph } from '../graph/graph';
import type { VisionModel } from '../models/vision-model';
import type { Pair } from '../operators/window';
import type { PictureSpec, Preparation } from '../picture';
import { type DataType, Tensor } from '../tensor';
import { findConfigs } from './configs';
import type { HeadOptions, NetworkFacts } from './head';
import { findHead, headOptions } from './heads';
import { divisorOf, type Json, labelsOf, preparationOf } from './hugging-face';
import { resultLabels } from './labels';
import { NetworkTail } from './network-tail';
import { companions, type DeclaredPicture, declaredPicture, inputShape } from './picture-input';
import { choose, choosePreparation, type Source } from './preparation';
import { readUltralytics } from './ultralytics';

export type { Head, HeadOptions, NetworkFacts, Reading } from './head';
export { HEADS } from './heads';

/** What a caller may say about a network by other people, where its file does not. */
export interface NetworkOptions {
  /** The kind of its outputs, such as `yolov8`, or what else is known about them. Otherwise they are recognised. */
  readonly head?: string | HeadOptions;
  /** Names of the classes, by index. */
  readonly labels?: readonly string[];
  /** How a picture is prepared, as far as the caller knows. */
  readonly preparation?: Partial<PictureSpec>;
  /** The contents of Hugging Face's `config.json` and `preprocessor_config.json`; otherwise they are looked for beside the address. */
  readonly config?: object;
  readonly preprocessorConfig?: object;
  /** Files that hold the network's weights, by their names; otherwise they are looked for beside the address. */
  readonly files?: Files;
}

/** The side of pictures for networks of any size, by task. */
const USUAL_SIDE: Readonly<Record<string, number>> = {
  classify: 224,
  detect: 640,
  segment: 512,
  orient: 1024,
  pose: 640,
  instances: 640,
  depth: 518,
  'cut-out': 512,
};

/**
 * Makes a network of a task from an ONNX file: finds what its outputs mean, adds their decoding to the graph, and decides
 * how pictures are prepared.
 *
 * @param address where the file lies, if it has an address: other files are looked for beside it
 * @throws ArgumentError naming the outputs and the heads that were tried when none fits
 * @throws ModelFormatError, UnsupportedOperatorError, DownloadError
 */
export async function readNetwork(
  bytes: Uint8Array,
  task: string,
  options: NetworkOptions & DownloadOptions = {},
  address?: string | URL,
): Promise<VisionModel> {
  const model = readModel(bytes);
  const name = address === undefined ? model.graph.name || 'the network' : String(address);
  const picture = declaredPicture(model, name);
  const files = address === undefined ? options.files : await downloadDataFiles(address, bytes, options);
  const written = readUltralytics(model.metadata);
  const isSettled = written.labels !== undefined && written.size !== undefined;
  const found = isSettled ? {} : await findConfigs(address, options);
  const config = asJson('config', options.config) ?? found.config ?? {};
  const preprocessor = asJson('preprocessorConfig', options.preprocessorConfig) ?? found.preprocessorConfig ?? {};
  const known: Source<Partial<PictureSpec>>[] = [
    ['the caller', options.preparation ?? {}],
    ["the input's shape", settledSize(picture.size)],
    ["the file's metadata", written.size ? { size: written.size } : {}],
    ['preprocessor_config.json', preparationOf(preprocessor, config)],
  ];
  const usualSide = USUAL_SIDE[task] ?? 224;
  const side = usualSide - (usualSide % divisorOf(preprocessor));
  const usual = {
    size: [picture.size[0] ?? picture.size[1] ?? side, picture.size[1] ?? picture.size[0] ?? side] as const,
  };
  const { size } = choose<Pick<PictureSpec, 'size'>>([...known, [`the usual of networks to ${task}`, usual]]).chosen;
  const others = companionTensors(model, size);
  const graph = importOnnx(bytes, {
    shapes: {
      [picture.name]: inputShape(picture, size),
      ...Object.fromEntries(Object.entries(others).map(([k, { shape }]) => [k, shape])),
    },
    ...(files && { files }),
  });
  const names: readonly Source<readonly string[] | undefined>[] = [
    ['the caller', options.labels],
    ["the file's metadata", written.labels],
    ['config.json', labelsOf(config)],
  ];
  const [namedBy, labels] = names.find(([, list]) => list !== undefined) ?? [undefined, undefined];
  const facts: NetworkFacts = {
    graph,
    outputs: graph.outputs.map((output) => ({ name: output, ...graph.values.get(output)! })),
    size,
    channelsLast: picture.channelsLast,
    metadata: model.metadata,
    config,
    labels,
    options: headOptions(options.head),
  };
  const { head, reading } = findHead(facts, task, name);
  const tail = new NetworkTail(pictureFirst(graph, picture), { given: others });
  const decoded = tail.build(reading.append(tail));
  const { chosen, from } = choosePreparation([
    ...known,
    [`the usual of ${head.name}`, reading.usual ?? {}],
    [`the usual of networks to ${task}`, usual],
    ['the usual', { size, fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] }],
  ]);
  const usualNames = labels || task !== 'classify' ? undefined : await namesOfMany(reading.classes);
  const result = resultLabels(labels, usualNames ? { ...reading, names: usualNames } : reading, task);
  const spec: Preparation = {
    ...chosen,
    head: head.name,
    from: {
      ...from,
      head: facts.options.name === undefined ? 'the outputs' : 'the caller',
      labels: namedBy ?? (result.known ? `the usual of ${head.name}` : 'nobody'),
    },
  };
  return { task, graph: decoded, labels: result.labels, spec };
}

/** ImageNet's names, which are downloaded for networks that have as many classes. */
async function namesOfMany(classes: number): Promise<readonly string[] | undefined> {
  return classes === 1000 || classes === 1001 ? (await import('./imagenet')).imagenetNames(classes) : undefined;
}

/** The picture is the first input, wherever the file has it. */
const pictureFirst = (graph: Graph, { name }: DeclaredPicture): Graph => ({
  ...graph,
  inputs: [name, ...graph.inputs.filter((input) => input !== name)],
});

function companionTensors(model: ReturnType<typeof readModel>, size: Pair): Record<string, Tensor> {
  const types = new Map(model.graph.inputs.map(({ name, elementType }) => [name, elementType]));
  const make = (name: string, shape: readonly number[], values: readonly number[]): Tensor => {
    const dtype: DataType = types.get(name) === 1 || types.get(name) === 10 ? 'float32' : 'int32';
    return dtype === 'int32' ? Tensor.int32(shape, values) : Tensor.float32(shape, values);
  };
  return Object.fromEntries(
    Object.entries(companions(model, size)).map(([name, { shape, values }]) => [name, make(name, shape, values)]),
  );
}

/** Lengths that a file settles leave nothing to choose. */
function settledSize([height, width]: DeclaredPicture['size']): Partial<PictureSpec> {
  return height !== undefined && width !== undefined ? { size: [height, width] } : {};
}

function asJson(option: string, given: unknown): Json | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Json;
  throw new ArgumentError(`${option} must be the parsed content of the JSON file, got ${kindOf(given)}`);
}
