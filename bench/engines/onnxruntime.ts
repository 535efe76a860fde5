import type * as Ort from 'onnxruntime-web';
import { floats, type NetworkJob, type Opened, type Run } from './engine';
import { videoNumbers } from './video-numbers';

/** ONNX Runtime's published bundle, with the given execution provider and otherwise its defaults. */
export async function openWith(
  bundle: string,
  provider: 'webgpu' | 'wasm',
  { files, input, outputs }: NetworkJob,
): Promise<Opened> {
  const ort: typeof Ort = await import(/* @vite-ignore */ bundle);
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(files.onnx!, { executionProviders: [provider] });
  const run: Run = async (data) => {
    const result = await session.run({ [input.name]: new ort.Tensor('float32', data, input.shape) });
    return outputs.map((output) => floats(result[output].data, output));
  };
  const read = videoNumbers(input);
  return { run, watch: (video) => run(read(video)) };
}
