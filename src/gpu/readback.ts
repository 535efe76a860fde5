import { DeviceLostError } from '../errors';
import { BufferUsage, MAP_READ_MODE } from './flags';

/**
 * Buffers through which results come back. A request takes one and returns it; more are only made when more requests
 * are in flight than ever before, so a steady frame makes none.
 */
export class ReadbackRing {
  readonly #free: GPUBuffer[] = [];
  readonly #all = new Set<GPUBuffer>();
  #disposed = false;

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
    if (this.#disposed) this.#destroyFree();
    return bytes;
  }

  /** Buffers in flight follow when they have been read. */
  dispose(): void {
    this.#disposed = true;
    this.#destroyFree();
  }

  #destroyFree(): void {
    for (const buffer of this.#free.splice(0)) {
      buffer.destroy();
      this.#all.delete(buffer);
    }
  }
}

/** Firefox looks for finished work every 100 ms unless it is given something to do: empty submissions wake it. */
const NEEDS_NUDGING = typeof navigator !== 'undefined' && /firefox/i.test(navigator.userAgent ?? '');

/** The browser may report a lost device only after the work under way has ended: wait this long after the first error. */
export const LOST_NEWS_MS = 2000;

/**
 * `mapAsync`, without Firefox's 100 ms of polling.
 *
 * @throws DeviceLostError
 */
export async function mapForReading(device: GPUDevice, buffer: GPUBuffer): Promise<void> {
  try {
    await nudged(device, buffer.mapAsync(MAP_READ_MODE));
  } catch (cause) {
    // Nothing else aborts a mapping, as no buffer is destroyed that is on its way.
    if (!(cause instanceof DOMException) || cause.name !== 'AbortError') throw cause;
    // The next request is to find the device lost.
    await isLost(device, LOST_NEWS_MS);
    throw new DeviceLostError('the GPU device was lost while results were on their way', { cause });
  }
}

/** Whether a device is lost, as far as it says so within a time. */
export async function isLost(device: GPUDevice, withinMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, withinMs, false);
  });
  const lost = await Promise.race([device.lost.then(() => true), late]);
  clearTimeout(timer);
  return lost;
}

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
