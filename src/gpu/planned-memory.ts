import { constantBytes, paramBlocks } from './host-data';
import { align } from './memory-plan';
import type { Plan } from './plan';

/** The GPU memory of a session, in bytes. */
export interface PlannedMemory {
  /** Everything that is computed, inputs and outputs included: the memory plan's buffers. */
  readonly activationBytes: number;
  /** Weights, biases and tables as the chosen kernels want them packed. */
  readonly weightBytes: number;
  /** The shaders' `Params`. */
  readonly paramBytes: number;
  /** For each request under way, of those at the same time. */
  readonly readbackBytes: number;
}

/** The memory that `engine.memory()` will report for a loaded plan, and what each request adds. Needs no device. */
export function plannedMemory(plan: Plan): PlannedMemory {
  const { graph, memory, tensors } = plan;
  const readBack = new Set([...graph.outputs, ...(graph.rowCounts?.values() ?? [])]);
  const places = [...readBack].flatMap((value) => memory.places.get(tensors.get(value)!.root) ?? []);
  const sum = (list: readonly number[]): number => list.reduce((total, bytes) => total + bytes, 0);
  return {
    activationBytes: sum(memory.buffers),
    weightBytes: sum([...constantBytes(plan).values()].map((make) => align(make().byteLength))),
    paramBytes: sum(paramBlocks(plan).blocks.map(({ byteLength }) => align(byteLength))),
    readbackBytes: sum(places.map(({ sizeBytes }) => sizeBytes)),
  };
}
