import { Engine, PictureModel, readSafetensors, Tensor } from '../../src';
import type { Graph } from '../../src/graph/graph';
import { atSide } from '../own-networks';
import { fetchBytes, floats, type NetworkJob, type Open, pictureShape } from './engine';

export const open: Open = async (network) => {
  const { input, outputs } = network;
  const [engine, graph] = await Promise.all([Engine.create(), fetchNetwork(network)]);
  const model = await engine.load(graph);
  const numbers = (result: (output: string) => Tensor): Float32Array[] =>
    outputs.map((output) => floats(result(output).data, output));
  let pictures: Promise<PictureModel> | undefined;
  return {
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
};

/** As its users have it: weights beside a definition of the network, or an ONNX file. */
export async function fetchNetwork({ files, outputs, side }: NetworkJob): Promise<Graph | Uint8Array> {
  if (!files.fovea) return fetchBytes(files.onnx!);
  const [{ buildVisionModel }, bytes] = await Promise.all([import('../../src/models'), fetchBytes(files.fovea)]);
  const file = readSafetensors(bytes, files.fovea);
  const { graph } = buildVisionModel(side === undefined ? file : atSide(file, side), files.fovea);
  return { ...graph, outputs, rowCounts: undefined };
}
