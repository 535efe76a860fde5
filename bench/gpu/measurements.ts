// Runs in a page or in Node: what is measured of a GPU, by name. Each opens a device of its own, and waits for nothing else.
import { type Bounds, boundsOf } from '../../demo/bounds/bounds';
import { type AdapterReport, acquireDevice } from '../../src/gpu/device';
import { runCases } from './cases';
import { measureCosts } from './costs';
import { measureFrames } from './frames';
import { measureVariants } from './variants';

export interface Description {
  readonly adapter: AdapterReport;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly subgroups: readonly [smallest: number, largest: number];
}

async function describe(): Promise<Description> {
  const { device, report } = await acquireDevice();
  const limits: Record<string, number> = {};
  for (const name in device.limits) {
    const value: unknown = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  const { subgroupMinSize = 0, subgroupMaxSize = 0 } = device.adapterInfo ?? {};
  const features = [...device.features].sort();
  device.destroy();
  return { adapter: report, features, limits, subgroups: [subgroupMinSize, subgroupMaxSize] };
}

async function bounds(): Promise<Bounds> {
  const { device, report } = await acquireDevice();
  const measured = await boundsOf(device, report.software);
  device.destroy();
  return measured;
}

export const measurements = {
  describe,
  bounds,
  costs: measureCosts,
  cases: runCases,
  frames: measureFrames,
  variants: measureVariants,
};

export type Measurements = typeof measurements;
