import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { readNpy } from '../../src/formats/npy';
import { importOnnx, readTensorFile } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import type { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { runOnnxRuntime } from '../support/onnx-runtime';
import { pictureTensor } from '../support/picture-tensor';
import { Random } from '../support/random';
import { shared } from '../support/shared';
import { modelPath, NETWORKS } from './onnx-networks';

/** Some ten float32 layers each. */
const ROUNDINGS = { ofLargest: 1e-5 };

const load = (file: string): Uint8Array => readFileSync(modelPath(file));

describe.skipIf(!shared('onnx/models'))('networks by other people', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.create({ gpu: await createNodeGpu() });
  });
  afterAll(() => engine?.dispose());

  const minutes = 5 * 60_000;

  it.each(NETWORKS)(
    '$file agrees with ONNX Runtime on noise and on pictures',
    { timeout: minutes },
    async (network) => {
      const bytes = load(network.file);
      const graph = importOnnx(bytes);
      const [input] = graph.inputs;
      const { shape } = graph.values.get(input)!;
      const model = await engine.load(graph);
      const compare = async (x: Tensor): Promise<[actual: Map<string, Tensor>, expected: Map<string, Tensor>]> => {
        const expected = await runOnnxRuntime(bytes, { [input]: x });
        const actual = new Map(Object.entries(await model.run({ [input]: x })));
        expectAgreement(actual, expected);
        return [actual, expected];
      };
      if (network.noise) await compare(new Random(3).tensor(shape, ...network.noise));
      for (const [i, picture] of network.pictures.entries()) {
        const x = await pictureTensor(modelPath(picture), shape, network.preparation);
        const [actual, expected] = await compare(x);
        network.check?.(actual, expected, picture);
        // The references are slow: one picture is enough to tell.
        if (network.small && i === 0) expectAgreement(runReference(graph, { [input]: x }), expected);
      }
      model.dispose();
    },
  );

  it('match the vectors that came with them', { timeout: minutes }, async () => {
    const squeezenet = await engine.load(load('squeezenet1.1/squeezenet1.1.onnx'));
    for (const i of [0, 1]) {
      const vector = (kind: string): Tensor => {
        const file = `squeezenet1.1/test${i}_${kind}_0.npy`;
        return readNpy(load(file), file);
      };
      const { logits } = await squeezenet.run({ data: vector('input') });
      expectClose(logits, vector('output').reshape(logits.shape), ROUNDINGS);
    }
    squeezenet.dispose();
    const mnist = await engine.load(load('mnist/mnist-8.onnx'));
    const { tensor: digit } = readTensorFile(load('mnist/test_data_set_0.input_0.pb'));
    const { tensor: expected } = readTensorFile(load('mnist/test_data_set_0.output_0.pb'));
    const { Plus214_Output_0: actual } = await mnist.run({ Input3: digit });
    expectClose(actual, expected, ROUNDINGS);
    mnist.dispose();
  });
});

function expectAgreement(actual: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, tensor] of expected) {
    // Up to a hundred layers in float32, with other algorithms: Winograd's transforms lose most.
    expectClose(actual.get(name)!, tensor, { ofLargest: 1e-3 }, name);
  }
}
