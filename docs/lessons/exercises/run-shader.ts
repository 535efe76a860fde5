import { BufferUsage } from '../../../src/gpu/flags';
import { testDevice } from '../../../test/support/gpu';

interface Launch {
  readonly wgsl: string;
  readonly input: Float32Array;
  /** Of the uniform at binding 2. */
  readonly params: Uint32Array<ArrayBuffer>;
  readonly workgroups: readonly [x: number, y: number];
}

/** What a word of the buffer holds that the shader must not write. */
export const SENTINEL = -12345;

/**
 * Runs a shader that reads an array at binding 0 and writes one of the same length at binding 1, as plain WebGPU does.
 *
 * @returns the array it wrote, and four numbers behind it
 * @throws Error with the compiler's messages and their lines
 */
export async function runShader({ wgsl, input, params, workgroups }: Launch): Promise<Float32Array> {
  const { acquired } = await testDevice();
  const { device } = acquired;
  const module = device.createShaderModule({ code: wgsl });
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === 'error');
  if (errors.length > 0)
    throw new Error(errors.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join('\n'));
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const output = new Float32Array(input.length + 4).fill(SENTINEL);
  const usage = BufferUsage.STORAGE | BufferUsage.COPY_DST | BufferUsage.COPY_SRC;
  const [x, y, size, read] = [
    device.createBuffer({ size: input.byteLength, usage }),
    device.createBuffer({ size: output.byteLength, usage }),
    device.createBuffer({ size: 16, usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST }),
    device.createBuffer({ size: output.byteLength, usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST }),
  ];
  device.queue.writeBuffer(x, 0, new Float32Array(input));
  device.queue.writeBuffer(y, 0, output);
  device.queue.writeBuffer(size, 0, params);
  const entries = [x, y, size].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(...workgroups);
  pass.end();
  encoder.copyBufferToBuffer(y, 0, read, 0, output.byteLength);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(1);
  const result = new Float32Array(read.getMappedRange().slice(0));
  for (const buffer of [x, y, size, read]) buffer.destroy();
  return result;
}
