/**
 * Counts what a page does with WebGPU, whoever does it. Importing this module wraps WebGPU's own methods, so that it
 * must come before the engine. Command encoders and passes are not counted among objects: no frame is without them.
 */
export interface Counts {
  dispatches: number;
  submits: number;
  objects: number;
}

export const counts: Counts = { dispatches: 0, submits: 0, objects: 0 };

/** Bytes of buffers and textures that were not destroyed, and their peak. What is left to the collector counts as held. */
export const memory = { bytes: 0, peakBytes: 0 };

/** Begins anew, for a process that measures several networks. */
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
  /** Ahead of the method, with the object that it is called on. */
  readonly before?: (self: object) => void;
  /** With what the method returned. */
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

/** Of a colour format such as `rgba16float`, without further mip levels; four bytes per texel where the name tells none. */
function bytesOf({ format, width, height, depthOrArrayLayers }: GPUTexture): number {
  const [, channels, bits] = /^(r|rg|rgba|bgra)(8|16|32)(?:unorm|snorm|uint|sint|float)/.exec(format) ?? [];
  const texelBytes = channels ? (channels.length * Number(bits)) / 8 : 4;
  return width * height * depthOrArrayLayers * texelBytes;
}
