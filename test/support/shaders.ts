const SOURCES = import.meta.glob<string>(['../../{shaders,demo/classical,demo/bounds}/*.wgsl'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Every shader of the project, as it lies on disk. */
export function listShaders(): { readonly name: string; readonly source: string }[] {
  return Object.entries(SOURCES).map(([path, source]) => ({
    name: path.slice(path.lastIndexOf('/') + 1, -'.wgsl'.length),
    source,
  }));
}

/** A feature that a shader needs and the device does not have. */
export function missingFeature(source: string, device: GPUDevice): string | undefined {
  const enabled = [...source.matchAll(/^enable (\w+);/gm)].map(([, feature]) => feature);
  // Firefox has no external textures.
  const external = /:\s*texture_external/.test(source) && !('importExternalTexture' in device);
  return enabled.find((feature) => !device.features.has(feature)) ?? (external ? 'external textures' : undefined);
}
