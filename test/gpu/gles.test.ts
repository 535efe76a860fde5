import { describe, expect, it } from 'vitest';
import { adapterFromEnvironment, createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';

// OpenGL ES is set up by `npm run test:gles` alone, which asks for it.
describe.runIf(adapterFromEnvironment() === 'gles')('OpenGL ES', () => {
  it('has an adapter of the compatibility level alone, on which the self-test passes', async () => {
    const gpu = await createNodeGpu('gles');
    const engine = await Engine.create({ gpu });
    expect(engine.device.features.has('core-features-and-limits' as GPUFeatureName)).toBe(false);
    expect((await engine.selfTest()).summary).toMatch(/answers all \d+ tests rightly/);
    engine.dispose();
    expect(await gpu.requestAdapter()).toBeNull();
  });
});
