import * as ort from 'onnxruntime-web';
import { Tensor } from '../../src/tensor';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** Runs an ONNX file with ONNX Runtime's WebAssembly build, as truth from outside. Inputs and outputs are float32. */
export async function runOnnxRuntime(
  model: Uint8Array,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Map<string, Tensor<'float32'>>> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
    name,
    new ort.Tensor('float32', Float32Array.from(data), shape),
  ]);
  const outputs = await session.run(Object.fromEntries(feeds));
  await session.release();
  return new Map(
    session.outputNames.map((name) => {
      const { data, dims } = outputs[name];
      if (!(data instanceof Float32Array)) throw new Error(`output "${name}" is not float32`);
      return [name, Tensor.float32(dims, data)];
    }),
  );
}
