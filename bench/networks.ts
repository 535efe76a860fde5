import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { importOnnx } from '../src/formats/onnx';
import { readSafetensors } from '../src/formats/safetensors';
import type { Graph } from '../src/graph/graph';
import { PASSES } from '../src/graph/passes';
import { dropDead } from '../src/graph/passes/drop-dead';
import { foldConstants } from '../src/graph/passes/fold-constants';
import { optimiseWith } from '../src/graph/passes/pass';
import { buildVisionModel } from '../src/models';
import { runReferenceNode } from '../src/reference';
import type { Tensor } from '../src/tensor';
import { graphToOnnx } from '../test/support/graph-to-onnx';
import { Random } from '../test/support/random';
import { shared } from '../test/support/shared';
import type { FileKind } from './engines/engine';
import { writeGraph } from './graph-file';
import { mobilenetV2 } from './mobilenet-v2';
import { atSide } from './own-networks';
import { RESIDUAL_NETWORKS } from './residual-networks';
import { graphToTflite } from './tflite/from-graph';
import { segformerB0, vitSmall } from './transformers';

/** A network in the forms that the engines read, with one input for all. */
export interface BenchNetwork {
  readonly name: string;
  readonly input: { readonly name: string; readonly tensor: Tensor<'float32'>; readonly range: number };
  readonly outputs: readonly string[];
  /** The network as written, nothing fused. */
  readonly graph: Graph;
  readonly files: Readonly<Partial<Record<FileKind, Uint8Array>>>;
  /** Set where it is smaller than the network's own. */
  readonly side?: number;
}

/** `range`: the input's largest number, if it is not 1. */
const MODELS: Readonly<Record<string, { readonly onnx: string; readonly range?: number }>> = {
  'squeezenet-1.1': { onnx: 'squeezenet1.1/squeezenet1.1.onnx' },
  'mobilenet-v1-0.25': { onnx: 'mobilenet-v1-0.25/mobilenet_v1_0.25_224.onnx' },
  ultraface: { onnx: 'ultraface/ultraface-rfb320-simplified.onnx' },
  'selfie-segmentation': { onnx: 'selfie-segmentation/selfie-seg-landscape.onnx' },
  'yolox-nano': { onnx: 'yolox-nano/yolox-nano.onnx', range: 255 },
};

/** Outputs before boxes are decoded and suppressed, for which other engines have other operators or none. */
const OWN: Readonly<Record<string, readonly string[] | undefined>> = {
  classifier: undefined,
  detector: ['scores', 'offsets'],
  segmenter: undefined,
};

/** Networks with random weights, of known shapes. */
const MADE: Readonly<Record<string, () => Graph>> = { ...RESIDUAL_NETWORKS, 'mobilenet-v2': mobilenetV2 };

/** The same, but attention has no counterpart in the mappings to TensorFlow.js and TensorFlow Lite. */
const TRANSFORMERS: Readonly<Record<string, () => Graph>> = { 'vit-s16': vitSmall, 'segformer-b0': segformerB0 };

/** The networks that are measured by default. */
export const NETWORK_NAMES: readonly string[] = [...Object.keys(OWN), ...Object.keys(MODELS)];
export const KNOWN_NETWORKS: readonly string[] = [...NETWORK_NAMES, ...Object.keys({ ...MADE, ...TRANSFORMERS })];

/**
 * @param mostSide larger inputs of Fovea's own networks are cut to this, and their names say so
 * @returns undefined, with a note, when the network's file is not there
 */
export function loadNetwork(name: string, mostSide = Number.POSITIVE_INFINITY): BenchNetwork | undefined {
  if (name in MADE) {
    const graph = MADE[name]();
    return network(name, graph, { onnx: graphToOnnx(graph) });
  }
  if (name in TRANSFORMERS) {
    const graph = TRANSFORMERS[name]();
    return describe(name, graph, { onnx: graphToOnnx(graph) }, 1);
  }
  return name in OWN ? ownNetwork(name, mostSide) : sharedNetwork(name);
}

function ownNetwork(name: string, mostSide: number): BenchNetwork | undefined {
  const file = `${name}.safetensors`;
  let weights: Uint8Array;
  try {
    weights = readFileSync(resolve('weights', file));
  } catch {
    console.warn(`skipped: weights/${file} is not there`);
    return undefined;
  }
  const content = readSafetensors(weights, file);
  const whole = buildVisionModel(content, file);
  const side = whole.spec.size[0] > mostSide ? mostSide : undefined;
  const { graph } = side === undefined ? whole : buildVisionModel(atSide(content, side), file);
  const cut = dropDead({ ...graph, outputs: OWN[name] ?? graph.outputs, rowCounts: undefined });
  const files = { fovea: weights, onnx: graphToOnnx(cut) };
  return side === undefined ? network(name, cut, files) : { ...network(`${name}-${side}`, cut, files), side };
}

function sharedNetwork(name: string): BenchNetwork | undefined {
  const { onnx, range } = MODELS[name];
  const path = shared(`onnx/models/${onnx}`);
  if (!path) return undefined;
  const bytes = readFileSync(path);
  return network(name, importOnnx(bytes), { onnx: bytes }, range);
}

function network(name: string, graph: Graph, files: BenchNetwork['files'], range = 1): BenchNetwork {
  // TensorFlow's converters do the same: they compute constants, fold normalisation and fuse activations.
  const optimised = optimiseWith(PASSES, foldConstants(runReferenceNode)(graph));
  return describe(name, graph, { ...files, graph: writeGraph(optimised), tflite: graphToTflite(optimised) }, range);
}

function describe(name: string, graph: Graph, files: BenchNetwork['files'], range: number): BenchNetwork {
  const [input] = graph.inputs;
  const tensor = new Random(1).tensor(graph.values.get(input)!.shape, 0, range);
  return { name, input: { name: input, tensor, range }, outputs: graph.outputs, graph, files };
}
