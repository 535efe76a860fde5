import { GPUValidationError, OutOfMemoryError } from '../errors';
import { type AcquiredDevice, acquireDevice, type DeviceOptions } from './device';
import { PipelineCache } from './pipeline-cache';

/** A device with its pipelines; replaced as a whole when the device is lost. */
export interface Connection extends AcquiredDevice {
  readonly pipelines: PipelineCache;
  readonly lost: boolean;
  /** From now on listens to what WebGPU complains about outside any error scope. */
  watchFaults(): FaultWatch;
  /** Gives the device back, unless it is the caller's. */
  close(): void;
}

/**
 * The faults of a device during some work. WebGPU does not say which work is at fault: all that is under way is told, as
 * any of it may be.
 */
export interface FaultWatch {
  /** @throws OutOfMemoryError, GPUValidationError */
  throwFirst(): void;
  end(): void;
}

/** @throws WebGPUUnavailableError whose `step` says how far it came */
export async function connect(options: DeviceOptions): Promise<Connection> {
  const acquired = await acquireDevice(options);
  const { device } = acquired;
  const watches = new Set<{ fault?: GPUError }>();
  let lost = false;
  const listen = (event: GPUUncapturedErrorEvent): void => {
    // Otherwise the browser says it on its console.
    if (watches.size > 0) event.preventDefault();
    for (const watch of watches) watch.fault ??= event.error;
  };
  device.addEventListener('uncapturederror', listen);
  void device.lost.then(() => {
    lost = true;
  });
  return {
    ...acquired,
    pipelines: new PipelineCache(device),
    get lost() {
      return lost;
    },
    watchFaults() {
      const watch: { fault?: GPUError } = {};
      watches.add(watch);
      return {
        throwFirst() {
          const { fault } = watch;
          if (!fault) return;
          const OutOfMemory = globalThis.GPUOutOfMemoryError;
          if (OutOfMemory && fault instanceof OutOfMemory) throw new OutOfMemoryError(fault.message);
          throw new GPUValidationError(fault.message);
        },
        end: () => void watches.delete(watch),
      };
    },
    close() {
      if (device !== options.device) device.destroy();
      else device.removeEventListener('uncapturederror', listen);
    },
  };
}
