// Runs ONNX models with onnxruntime-web's WebAssembly build. Standard input: a JSON list of
// { model: base64, inputs: { name: { dtype, shape, data: base64 } } }; standard output: per model a list of outputs.
import { readFileSync, writeFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const bytesOf = (base64) => Uint8Array.from(Buffer.from(base64, 'base64'));

const results = [];
for (const { model, inputs } of JSON.parse(readFileSync(0, 'utf8'))) {
  const session = await ort.InferenceSession.create(bytesOf(model), { graphOptimizationLevel: 'disabled' });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape, data }]) => [
      name,
      new ort.Tensor(dtype, new arrays[dtype](bytesOf(data).buffer), shape),
    ]),
  );
  const outputs = await session.run(feeds);
  results.push(
    session.outputNames.map((name) => {
      const { type, dims, data } = outputs[name];
      return {
        dtype: type,
        shape: dims,
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
      };
    }),
  );
  await session.release();
}
writeFileSync(1, JSON.stringify(results));
