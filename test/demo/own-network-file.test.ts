import { expect, it } from 'vitest';
import { factsOf, importNetwork, readNetworkFile } from '../../demo/own-network/file';
import { usualPreparation } from '../../demo/own-network/preparation';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { FLOAT, type ModelSpec, onnxFile } from '../formats/onnx-file';

const picture = { name: 'picture', dims: [1, 3, 1, 1] };
const nodes = [{ op: 'Conv', inputs: ['picture', 'w'], outputs: ['y'] }];
const weights = new Float32Array([1, 2, 3]);
const model: ModelSpec = {
  inputs: [picture],
  outputs: ['y'],
  initializers: [{ name: 'w', type: FLOAT, dims: [1, 3, 1, 1], external: { location: 'weights/net.onnx.data' } }],
  nodes,
};

it('a network takes its weights from the file beside it, and asks for that file by name', async () => {
  const bytes = onnxFile(model);
  await expect(readNetworkFile('net.onnx', bytes)).rejects.toThrow(
    'net.onnx keeps its weights in net.onnx.data. Drop both files together, or choose both.',
  );
  const beside = new Map([['net.onnx.data', new Uint8Array(weights.buffer)]]);
  const file = await readNetworkFile('net.onnx', bytes, beside);
  const { graph } = await importNetwork(file, usualPreparation(file.picture, file.dtype));
  const y = runReference(graph, { picture: Tensor.float32([1, 3, 1, 1], [1, 10, 100]) }).get('y')!;
  expect(Array.from(y.data)).toEqual([321]);
});

it('an inspection tells inputs, outputs, size and operators', async () => {
  const initializers = [{ name: 'w', type: FLOAT, dims: [1, 3, 1, 1], floats: [1, 2, 3] }];
  const file = await readNetworkFile('net.onnx', onnxFile({ ...model, initializers }));
  const facts = Object.fromEntries(factsOf(await importNetwork(file, usualPreparation(file.picture, file.dtype))));
  expect(facts).toMatchObject({
    'Made by': 'an unnamed tool, opset 18',
    Input: 'picture float32 [1, 3, 1, 1]',
    Outputs: 'y float32 [1, 1, 1, 1]',
    Operators: '1 × conv2d',
  });
});

it('names of classes are read from the file where an exporter left them', async () => {
  const initializers = [{ name: 'w', type: FLOAT, dims: [1, 3, 1, 1], floats: [1, 2, 3] }];
  const labels = async (metadata: Record<string, string>): Promise<readonly string[] | undefined> =>
    (await readNetworkFile('net.onnx', onnxFile({ ...model, initializers, metadata }))).labels;
  expect(await labels({ names: `{0: 'person', 1: "horse's head", 2: 'traffic light'}` })).toEqual([
    'person',
    "horse's head",
    'traffic light',
  ]);
  expect(await labels({ names: 'none', author: 'somebody' })).toBeUndefined();
  expect(await labels({})).toBeUndefined();
});

it('what is no picture is refused with what to do', async () => {
  const read = (inputs: ModelSpec['inputs']) => readNetworkFile('net.onnx', onnxFile({ ...model, inputs }));
  await expect(read([picture, { name: 'z', dims: [1] }])).rejects.toThrow('net.onnx has 2 inputs ("picture", "z")');
  await expect(read([{ ...picture, type: 9 }])).rejects.toThrow('holds bool, and pixels are numbers');
  await expect(read([{ ...picture, dims: [1, 10] }])).rejects.toThrow('a picture has four axes');
});
