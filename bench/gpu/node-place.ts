import { createNodeGpu } from '../../src/cli/node-gpu';
import type { Place } from './place';

/** Node on the adapter that `FOVEA_ADAPTER` names. Drivers keep no compiled shaders: every start is cold. */
export async function openNode(origin: string): Promise<Place> {
  process.env.MESA_SHADER_CACHE_DISABLE = 'true';
  process.env.__GL_SHADER_DISK_CACHE = '0';
  const gpu = await createNodeGpu();
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'Node' }, configurable: true });
  // Imported now, as it wraps WebGPU's classes, which were defined just above.
  const { measurements } = await import('./measurements');
  const call = (name: keyof typeof measurements, argument: unknown) =>
    (measurements[name] as (argument: unknown) => Promise<unknown>)(argument);
  return { name: 'node', origin, call: call as Place['call'] };
}
