import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import type { Open, Run } from './engine';
import { videoNumbers } from './video-numbers';

/** Computes in float32 unless told otherwise, as the other engines do. Outputs come in the order of the file. */
export const open: Open = async ({ files, input, precision }) => {
  await loadLiteRt('/litert/');
  const gpuOptions = { precision: precision === 'f16' ? 'fp16' : 'fp32' } as const;
  const model = await loadAndCompile(files.tflite!, { accelerator: 'webgpu', gpuOptions });
  const run: Run = async (data) => {
    const onGpu = await new Tensor(data, [...input.shape]).moveTo('webgpu');
    const results = await model.run([onGpu]);
    onGpu.delete();
    return Promise.all(
      results.map(async (result) => {
        const answer = Float32Array.from(await result.data());
        result.delete();
        return answer;
      }),
    );
  };
  const read = videoNumbers(input);
  return { run, watch: (video) => run(read(video)) };
};
