import { BufferUsage, MAP_READ_MODE } from './flags';

/**
 * Buffers through which results come back. A request takes one and returns it; more are only made when more requests
 * are in flight than ever before, so a steady frame makes none.
 */
export class ReadbackRing {
  readonly #free: GPUBuffer[] = [];
  readonly #all = new Set<GPUBuffer>();

  constructor(
    private readonly device: GPUDevice,
    readonly sizeBytes: number,
  ) {}

  get totalBytes(): number {
    return this.#all.size * this.sizeBytes;
  }

  take(): GPUBuffer {
    const free = this.#free.pop();
    if (free) return free;
    const buffer = this.device.createBuffer({
      label: 'read-back',
      size: this.sizeBytes,
      usage: BufferUsage.MAP_READ | BufferUsage.COPY_DST,
    });
    this.#all.add(buffer);
    return buffer;
  }

  /** Waits for what was copied into the buffer, hands a copy of its bytes out, and makes it free again. */
  async read(buffer: GPUBuffer): Promise<ArrayBuffer> {
    await mapForReading(this.device, buffer);
    const bytes = buffer.getMappedRange().slice(0);
    buffer.unmap();
    this.#free.push(buffer);
    return bytes;
  }

  dispose(): void {
    for (const buffer of this.#all) buffer.destroy();
    this.#all.clear();
    this.#free.length = 0;
  }
}

/** Firefox looks for finished work every 100 ms unless it is given something to do: empty submissions wake it. */
const NEEDS_NUDGING = typeof navigator !== 'undefined' && /firefox/i.test(navigator.userAgent ?? '');

/** `mapAsync`, without Firefox's 100 ms of polling. */
export const mapForReading = (device: GPUDevice, buffer: GPUBuffer): Promise<void> =>
  nudged(device, buffer.mapAsync(MAP_READ_MODE));

/** `onSubmittedWorkDone`, without Firefox's 100 ms of polling. */
export const workDone = (device: GPUDevice): Promise<void> => nudged(device, device.queue.onSubmittedWorkDone());

async function nudged(device: GPUDevice, work: Promise<unknown>): Promise<void> {
  let pending = NEEDS_NUDGING;
  const settled = work.finally(() => {
    pending = false;
  });
  while (pending) {
    device.queue.submit([]);
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 1))]);
  }
  await settled;
}
