import { packedBytes } from './host-data';
import { layoutSize } from './layout';
import { align } from './memory-plan';
import { elementBytes, type Plan } from './plan';

/** What a session of a plan holds of GPU memory, in bytes. */
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

/** What `engine.memory()` will say of a plan once it is loaded, and how much each request adds: worked out without a device. */
export function plannedMemory(plan: Plan): PlannedMemory {
  const { graph, memory, precision, steps, tensors } = plan;
  const dispatches = steps.flatMap(({ chosen }) => chosen.dispatches);
  const constants = new Map<string, number>();
  for (const operand of dispatches.flatMap(({ bind }) => Object.values(bind))) {
    if (operand.kind === 'constant' && !constants.has(operand.key)) {
      constants.set(operand.key, packedBytes(operand, precision).byteLength);
    } else if (operand.kind === 'tensor') {
      const { value, shape, layout, dtype } = tensors.get(tensors.get(operand.value)!.root)!;
      if (graph.constants.has(value)) constants.set(value, layoutSize(shape, layout) * elementBytes(dtype, precision));
    }
  }
  const readBack = new Set([...graph.outputs, ...(graph.rowCounts?.values() ?? [])]);
  const places = [...readBack].flatMap((value) => memory.places.get(tensors.get(value)!.root) ?? []);
  const sum = (list: readonly number[]): number => list.reduce((total, bytes) => total + bytes, 0);
  return {
    activationBytes: sum(memory.buffers),
    weightBytes: sum([...constants.values()].map(align)),
    paramBytes: sum(dispatches.map(({ shader }) => align(shader.params.sizeBytes))),
    readbackBytes: sum(places.map(({ sizeBytes }) => sizeBytes)),
  };
}
