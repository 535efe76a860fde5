import { afterAll, beforeAll, describe, it } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { importOnnx } from '../../src/formats/onnx';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { expectClose } from '../support/expect-close';
import { runOnnxRuntime } from '../support/onnx-runtime';
import { ATTENTION_MODELS } from './onnx-attention-examples';
import { COMPOSITION_MODELS } from './onnx-composition-examples';
import { EXAMPLE_MODELS } from './onnx-examples';
import { EXPORTER_MODELS } from './onnx-exporter-examples';
import { onnxFile } from './onnx-file';
import { FILE_MODELS } from './onnx-file-examples';
import { INDEX_MODELS } from './onnx-index-examples';
import { RECURRENT_MODELS } from './onnx-recurrent-examples';
import { RESIZE_MODELS } from './onnx-resize-examples';

describe('an imported network gives what ONNX Runtime gives', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.create({ gpu: await createNodeGpu() });
  });
  afterAll(() => engine?.dispose());

  it.each([
    ...EXAMPLE_MODELS,
    ...EXPORTER_MODELS,
    ...INDEX_MODELS,
    ...RESIZE_MODELS,
    ...FILE_MODELS,
    ...COMPOSITION_MODELS,
    ...ATTENTION_MODELS,
    ...RECURRENT_MODELS,
  ])('%s', async (_, model) => {
    const file = onnxFile(model);
    const graph = importOnnx(file);
    const { shape } = graph.values.get('x')!;
    const size = shape.reduce((product, d) => product * d, 1);
    const x = Tensor.float32(
      shape,
      Float32Array.from({ length: size }, (_, i) => 3 * Math.sin(i * 0.7)),
    );
    const expected = await runOnnxRuntime(file, { x });
    const loaded = await engine.load(graph);
    const results = { cpu: Object.fromEntries(runReference(graph, { x })), gpu: await loaded.run({ x }) };
    loaded.dispose();
    for (const [backend, actual] of Object.entries(results)) {
      for (const output of graph.outputs) {
        // A few float32 roundings; quantised values agree to the last step or not at all.
        expectClose(actual[output], expected.get(output)!, { ofLargest: 1e-5 }, `${output} on the ${backend}`);
      }
    }
  });
});
