import { expect, test } from 'vitest';
import { PipelineCache } from '../../src/gpu/pipeline-cache';
import { defineShader } from '../../src/gpu/shader';
import { testDevice } from '../support/gpu';

const shader = defineShader(
  'counted',
  `alias Scalar = f32;
struct Params { size: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<Scalar>;
@group(0) @binding(1) var<uniform> params: Params;
override NUMBER: u32 = 0;
override WORKGROUP: u32 = 1;
@compute @workgroup_size(WORKGROUP)
fn main() { y[params.size] = Scalar(NUMBER); }
`,
);

test('a cache forgets the pipelines asked for longest ago, and makes them again', async () => {
  const { acquired } = await testDevice();
  const cache = new PipelineCache(acquired.device, 3);
  const get = (NUMBER: number) => cache.get({ shader, constants: { NUMBER } }, 'f32');
  const [first, second] = [await get(1), await get(2)];
  await get(3);
  expect(await get(1)).toBe(first);
  await get(4);
  expect(cache.size).toBe(3);
  expect(await get(1)).toBe(first);
  const again = await get(2);
  expect(again).not.toBe(second);
  expect(again.layout).toBe(second.layout);
});
