import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import type { Open, Run } from './engine';
import { videoNumbers } from './video-numbers';

/** Computes in float32, as the other engines do. Outputs come in the order of the file. */
export const open: Open = async ({ files, input }) => {
  await loadLiteRt('/litert/');
  const model = await loadAndCompile(files.tflite!, { accelerator: 'webgpu', gpuOptions: { precision: 'fp32' } });
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
