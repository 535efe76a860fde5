import * as ort from 'onnxruntime-web';
import { Tensor } from '../../src/tensor';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** Runs an ONNX file with ONNX Runtime's WebAssembly build: truth from outside. Float inputs and outputs alone. */
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

/** The largest difference between two tensors, relative to the largest magnitude expected; infinite for other shapes. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  // Numbers that are not there must not pass for equality either.
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  let difference = 0;
  let magnitude = 0;
  for (const [i, e] of expected.data.entries()) {
    // NaN in one of them must not pass for equality.
    difference = Math.max(difference, Object.is(actual.data[i], e) ? 0 : Math.abs(actual.data[i] - e) || 0);
    if (Number.isNaN(actual.data[i]) !== Number.isNaN(e)) return Infinity;
    magnitude = Math.max(magnitude, Math.abs(e) || 0);
  }
  return magnitude === 0 ? difference : difference / magnitude;
}
