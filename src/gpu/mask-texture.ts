import { TextureUsage } from './flags';

/** An `r8uint` texture of class indices, for drawing; the caller destroys it. */
export function maskTexture(device: GPUDevice, classes: Uint8Array, width: number, height: number): GPUTexture {
  const texture = device.createTexture({
    label: 'mask',
    size: [width, height],
    format: 'r8uint',
    usage: TextureUsage.COPY_DST | TextureUsage.TEXTURE_BINDING,
  });
  device.queue.writeTexture({ texture }, classes as Uint8Array<ArrayBuffer>, { bytesPerRow: width }, [width, height]);
  return texture;
}
