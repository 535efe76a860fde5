import { constantBytes } from './host-data';
import { align } from './memory-plan';
import type { Plan } from './plan';
import { packParams } from './shader';

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
  const { graph, memory, steps, tensors } = plan;
  const dispatches = steps.flatMap(({ chosen }) => chosen.dispatches);
  const readBack = new Set([...graph.outputs, ...(graph.rowCounts?.values() ?? [])]);
  const places = [...readBack].flatMap((value) => memory.places.get(tensors.get(value)!.root) ?? []);
  // Equal blocks share a place.
  const blocks = new Map(
    dispatches.map(({ shader, params }) => [String(packParams(shader, params)), align(shader.params.sizeBytes)]),
  );
  const sum = (list: readonly number[]): number => list.reduce((total, bytes) => total + bytes, 0);
  return {
    activationBytes: sum(memory.buffers),
    weightBytes: sum([...constantBytes(plan).values()].map((make) => align(make().byteLength))),
    paramBytes: sum([...blocks.values()]),
    readbackBytes: sum(places.map(({ sizeBytes }) => sizeBytes)),
  };
}
