import { vi } from 'vitest';

/** Returns a function that says how many bytes the device holds in buffers made from now on. */
export function watchBuffers(device: GPUDevice): () => number {
  let held = 0;
  const createBuffer = device.createBuffer.bind(device);
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    held += buffer.size;
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      held -= buffer.size;
      return destroy();
    };
    return buffer;
  });
  return () => held;
}
