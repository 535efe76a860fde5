import { expect, test } from 'vitest';
import { boundsOf } from '../../demo/bounds/bounds';
import { testDevice } from '../support/gpu';
import { watchBuffers } from '../support/watch-buffers';

test("an adapter's bounds are measured, and nothing of the measurement stays on the device", async () => {
  const { device } = (await testDevice()).acquired;
  const heldBytes = watchBuffers(device);
  const { multiplyAddsPerSecond, bytesPerSecond, launchMs } = await boundsOf(device, true);
  for (const bound of [multiplyAddsPerSecond, bytesPerSecond, launchMs]) {
    expect(bound).toBeGreaterThan(0);
    expect(bound).toBeLessThan(Infinity);
  }
  expect(heldBytes()).toBe(0);
});
