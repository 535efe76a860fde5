import { Engine, readSafetensors, Tensor } from '../../src';
import type { Graph } from '../../src/graph/graph';
import { fetchBytes, floats, type NetworkJob, type Open } from './engine';

export const open: Open = async (network) => {
  const { input, outputs } = network;
  const [engine, graph] = await Promise.all([Engine.create(), fetchNetwork(network)]);
  const model = await engine.load(graph);
  return async (data) => {
    const result = await model.run({ [input.name]: Tensor.float32(input.shape, data) });
    return outputs.map((output) => floats(result[output].data, output));
  };
};

/** As its users have it: weights beside a definition of the network, or an ONNX file. */
export async function fetchNetwork({ files, outputs }: NetworkJob): Promise<Graph | Uint8Array> {
  if (!files.fovea) return fetchBytes(files.onnx!);
  const [{ buildVisionModel }, bytes] = await Promise.all([import('../../src/models'), fetchBytes(files.fovea)]);
  const { graph } = buildVisionModel(readSafetensors(bytes, files.fovea), files.fovea);
  return { ...graph, outputs, rowCounts: undefined };
}
