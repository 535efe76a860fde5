/** @internal One of Node's own modules; undefined in a browser. Bundlers for browsers see nothing to resolve. */
export function nodeModule<M extends keyof NodeModules>(name: M): NodeModules[M] | undefined {
  if (typeof process === 'undefined' || !process.versions?.node) return undefined;
  return process.getBuiltinModule?.(name) as NodeModules[M] | undefined;
}

interface NodeModules {
  'node:worker_threads': typeof import('node:worker_threads');
  'node:os': typeof import('node:os');
}
