import { GPUValidationError, OutOfMemoryError } from '../errors';
import { type AcquiredDevice, acquireDevice, type DeviceOptions } from './device';
import { PipelineCache } from './pipeline-cache';

/** A device with its pipelines; replaced as a whole when the device is lost. */
export interface Connection extends AcquiredDevice {
  readonly pipelines: PipelineCache;
  readonly lost: boolean;
  /** Throws what WebGPU complained about outside any error scope since the last call. */
  throwFault(): void;
}

/** @throws WebGPUUnavailableError whose `step` says how far it came */
export async function connect(options: DeviceOptions): Promise<Connection> {
  const acquired = await acquireDevice(options);
  const { device } = acquired;
  let fault: GPUError | undefined;
  let lost = false;
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    fault ??= event.error;
  });
  void device.lost.then(() => {
    lost = true;
  });
  return {
    ...acquired,
    pipelines: new PipelineCache(device),
    get lost() {
      return lost;
    },
    throwFault() {
      const error = fault;
      fault = undefined;
      if (!error) return;
      const OutOfMemory = globalThis.GPUOutOfMemoryError;
      if (OutOfMemory && error instanceof OutOfMemory) throw new OutOfMemoryError(error.message);
      throw new GPUValidationError(error.message);
    },
  };
}
