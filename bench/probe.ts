/**
 * Counts a page's calls of WebGPU, whichever engine makes them. Importing this module wraps WebGPU's own methods, so
 * import it before the engine. Command encoders and passes do not count as objects: every frame has them.
 */
export interface Counts {
  dispatches: number;
  submits: number;
  objects: number;
}

export const counts: Counts = { dispatches: 0, submits: 0, objects: 0 };

/** Bytes of buffers and textures that were not destroyed, and their peak. Undestroyed garbage counts as well. */
export const memory = { bytes: 0, peakBytes: 0 };

/** Sets the counts to zero, for a process that measures several networks. */
export function resetMemory(): void {
  held = new WeakMap();
  memory.bytes = 0;
  memory.peakBytes = 0;
}

let held = new WeakMap<object, number>();

function hold(resource: unknown): void {
  const bytes = resource instanceof GPUBuffer ? resource.size : resource instanceof GPUTexture ? bytesOf(resource) : 0;
  held.set(resource as object, bytes);
  memory.bytes += bytes;
  memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
}

function release(resource: object): void {
  memory.bytes -= held.get(resource) ?? 0;
  held.delete(resource);
}

interface Hooks {
  /** Called before the method, with the object of the call. */
  readonly before?: (self: object) => void;
  /** Called after the method, with its result. */
  readonly after?: (result: unknown) => void;
}

function wrap(prototype: object, method: string, { before, after }: Hooks): void {
  const original: (...args: unknown[]) => unknown = Reflect.get(prototype, method);
  const value = function (this: object, ...args: unknown[]): unknown {
    before?.(this);
    const result = original.apply(this, args);
    after?.(result);
    return result;
  };
  Object.defineProperty(prototype, method, { value, configurable: true, writable: true });
}

const countObject = { before: () => void counts.objects++ };
const countDispatch = { before: () => void counts.dispatches++ };

if (globalThis.GPUDevice) {
  for (const method of [
    'createBindGroup',
    'createBindGroupLayout',
    'createPipelineLayout',
    'createShaderModule',
    'createComputePipeline',
    'createComputePipelineAsync',
    'createRenderPipeline',
    'createRenderPipelineAsync',
    'createSampler',
    'createQuerySet',
    'importExternalTexture',
  ]) {
    wrap(GPUDevice.prototype, method, countObject);
  }
  for (const method of ['createBuffer', 'createTexture']) {
    wrap(GPUDevice.prototype, method, { ...countObject, after: hold });
  }
  wrap(GPUTexture.prototype, 'createView', countObject);
  wrap(GPUBuffer.prototype, 'destroy', { before: release });
  wrap(GPUTexture.prototype, 'destroy', { before: release });
  wrap(GPUQueue.prototype, 'submit', { before: () => void counts.submits++ });
  wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', countDispatch);
  wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', countDispatch);
}

/** The size of a texture with one mip level, by its format, such as `rgba16float`; by default 4 bytes a texel. */
function bytesOf({ format, width, height, depthOrArrayLayers }: GPUTexture): number {
  const [, channels, bits] = /^(r|rg|rgba|bgra)(8|16|32)(?:unorm|snorm|uint|sint|float)/.exec(format) ?? [];
  const texelBytes = channels ? (channels.length * Number(bits)) / 8 : 4;
  return width * height * depthOrArrayLayers * texelBytes;
}
