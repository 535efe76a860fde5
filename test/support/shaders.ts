const SOURCES = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** Every shader, as it lies on disk. */
export function listShaders(): { readonly name: string; readonly source: string }[] {
  return Object.entries(SOURCES).map(([path, source]) => ({
    name: path.slice(path.lastIndexOf('/') + 1, -'.wgsl'.length),
    source,
  }));
}
