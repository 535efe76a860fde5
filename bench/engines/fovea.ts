import {
  download,
  Engine,
  type EngineOptions,
  type Model,
  PictureModel,
  readSafetensors,
  type SafetensorsFile,
  Tensor,
} from '../../src';
import type { Graph } from '../../src/graph/graph';
import { compileAhead } from '../../src/tasks/load-model';
import { atSide } from '../own-networks';
import { fetchBytes, floats, type NetworkJob, type Open, type Opened, pictureShape } from './engine';

export interface OpenedFovea extends Opened {
  readonly model: Model;
  readonly close: () => void;
}

export const open: Open = (network) => openWith(network, { precision: network.precision });

/** The same with an engine of one's own choice. */
export async function openWith(network: NetworkJob, options: EngineOptions = {}): Promise<OpenedFovea> {
  const { input, outputs } = network;
  const creating = Engine.create(options);
  const [engine, graph] = await Promise.all([creating, fetchNetwork(network, creating)]);
  const model = await engine.load(graph);
  const numbers = (result: (output: string) => Tensor): Float32Array[] =>
    outputs.map((output) => floats(result(output).data, output));
  let pictures: Promise<PictureModel> | undefined;
  return {
    model,
    run: async (data) => {
      const result = await model.run({ [input.name]: Tensor.float32(input.shape, data) });
      return numbers((output) => result[output]);
    },
    watch: async (video) => {
      const std = 1 / input.range;
      const { size } = pictureShape(input.shape);
      const spec = { size, fit: 'squash', mean: [0, 0, 0], std: [std, std, std] } as const;
      pictures ??= PictureModel.load(engine, model.graph, spec);
      const result = await (await pictures).run(video);
      return numbers((output) => result.outputs.get(output)!);
    },
    close: () => engine.dispose(),
  };
}

/** The network as users load it: from weights and a definition, or from an ONNX file. */
export async function fetchNetwork(network: NetworkJob, engine: Promise<Engine>): Promise<Graph | Uint8Array> {
  const { name, files, outputs, side } = network;
  if (!files.fovea) return fetchBytes(files.onnx!);
  const models = import('../../src/models');
  const build = async (file: SafetensorsFile): Promise<Graph> => {
    const { graph } = (await models).buildVisionModel(side === undefined ? file : atSide(file, side), name);
    return { ...graph, outputs, rowCounts: undefined };
  };
  // The tasks, too, compile a network while its weights arrive.
  const onBytes = compileAhead(engine, build);
  return build(readSafetensors(await download(files.fovea, { cache: 'none', onBytes }), name));
}

/** The network's graph alone, with its weights. */
export async function fetchGraph({ name, files, outputs, side }: NetworkJob): Promise<Graph> {
  if (!files.fovea) return (await import('../../src/formats/onnx')).importOnnx(await fetchBytes(files.onnx!));
  const file = readSafetensors(await fetchBytes(files.fovea), name);
  const { graph } = (await import('../../src/models')).buildVisionModel(
    side === undefined ? file : atSide(file, side),
    name,
  );
  return { ...graph, outputs, rowCounts: undefined };
}
