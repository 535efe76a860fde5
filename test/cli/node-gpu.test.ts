import { expect, it } from 'vitest';
import { adapterFromEnvironment, createNodeGpu } from '../../src/cli/node-gpu';
import { ArgumentError } from '../../src/errors';

it('finds an adapter and makes WebGPU’s constants global', async () => {
  const gpu = await createNodeGpu();
  const adapter = await gpu.requestAdapter();
  expect(adapter?.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
  expect(GPUBufferUsage.STORAGE).toBe(0x80);
});

it('picks SwiftShader when asked', async () => {
  const gpu = await createNodeGpu('swiftshader');
  const adapter = await gpu.requestAdapter();
  expect(adapter?.info.architecture).toBe('swiftshader');
});

it('takes the choice from FOVEA_ADAPTER and names the choices when the word is unknown', () => {
  expect(adapterFromEnvironment('lavapipe')).toBe('lavapipe');
  expect(adapterFromEnvironment('')).toBe('auto');
  expect(() => adapterFromEnvironment('voodoo')).toThrow(ArgumentError);
  expect(() => adapterFromEnvironment('voodoo')).toThrow(/auto, default, swiftshader, lavapipe, gles, got "voodoo"/);
});
