import { OutOfMemoryError } from '../errors';

/** The option of every runner that sets its budget. */
export interface MemoryBudget {
  /**
   * A network whose values take more memory at once, in bytes, is refused: a file of a hundred bytes can ask for
   * gigabytes. Weights do not count. Default 1 GiB on the GPU, 512 MiB on the CPU.
   */
  readonly maxActivationBytes?: number;
}

/** @throws OutOfMemoryError naming the largest values when all together take more than `maxBytes` */
export function checkBudget(
  graph: string,
  bytes: number,
  values: Iterable<readonly [name: string, bytes: number]>,
  maxBytes: number,
): void {
  if (bytes <= maxBytes) return;
  const largest = [...values].sort((a, b) => b[1] - a[1]).slice(0, 3);
  const names = largest.map(([name, size]) => `"${name}" ${megabytes(size)}`).join(', ');
  throw new OutOfMemoryError(
    `the values of graph "${graph}" take ${megabytes(bytes)} at once, the largest ${names}: maxActivationBytes allows ${megabytes(maxBytes)}`,
  );
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
