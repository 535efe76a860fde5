import { kindOf } from '../arguments';
import { ArgumentError, WebGPUUnavailableError } from '../errors';
import { type DeviceTraits, profileOf } from './adapter-profile';

/** Who runs the shaders, as the platform tells it. */
export interface AdapterReport {
  /** The most telling name there is: description, device, architecture or vendor. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True for an adapter that computes on the CPU: correct, and slow. */
  readonly software: boolean;
  readonly shaderF16: boolean;
  readonly timestampQuery: boolean;
  readonly subgroups: boolean;
}

export interface DeviceOptions {
  /** A device that the caller has already, and goes on to own. By default Fovea opens one. */
  readonly device?: GPUDevice;
  /** By default `navigator.gpu`. */
  readonly gpu?: GPU;
  readonly powerPreference?: GPUPowerPreference;
  /** Ask for nothing beyond WebGPU's guaranteed limits, as a test of working with them. */
  readonly defaultLimits?: boolean;
}

export interface AcquiredDevice {
  readonly device: GPUDevice;
  readonly report: AdapterReport;
  readonly traits: DeviceTraits & { readonly limits: GPUSupportedLimits };
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** Lifts the compatibility level's restrictions, where an adapter of that level can do without them. */
const ALL_OF_CORE = 'core-features-and-limits' as GPUFeatureName;

/** Shaders may say how large their subgroups are. */
const SIZE_CONTROL = 'subgroup-size-control' as GPUFeatureName;

/** Limits that large pictures profit from; asked for as far as the adapter has them. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
] as const;

/** WebGPU's compatibility level guarantees these limits, and the shaders rely on them. Some adapters offer less all the same. */
const NEEDED_LIMITS = {
  maxStorageBuffersPerShaderStage: 6,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 128,
  maxComputeWorkgroupsPerDimension: 65535,
} as const;

/**
 * Finds an adapter and opens a device on it, unless the caller has one.
 *
 * @throws WebGPUUnavailableError whose `step` says how far it came
 */
export async function acquireDevice(options: DeviceOptions = {}): Promise<AcquiredDevice> {
  if (options.device) return usingDevice(options.device, options.device.adapterInfo);
  const gpu = options.gpu ?? globalThis.navigator?.gpu;
  if (!gpu) {
    if (globalThis.isSecureContext === false) {
      throw new WebGPUUnavailableError(
        'insecure-context',
        'WebGPU needs a secure context: https, or http on localhost',
      );
    }
    throw new WebGPUUnavailableError('no-api', 'this platform has no navigator.gpu: it does not support WebGPU');
  }
  const { powerPreference = 'high-performance' } = options;
  // Drivers of before Vulkan, as OpenGL ES, only have adapters of the compatibility level.
  const adapter =
    (await gpu.requestAdapter({ powerPreference })) ??
    (await gpu.requestAdapter({ powerPreference, featureLevel: 'compatibility' }));
  if (!adapter)
    throw new WebGPUUnavailableError('no-adapter', 'WebGPU is there, but offers no adapter on this machine');
  const { name } = reportOf(adapter);
  checkLimits(name, adapter.limits);
  const features = (
    ['shader-f16', 'timestamp-query', 'subgroups', SIZE_CONTROL, ALL_OF_CORE] as GPUFeatureName[]
  ).filter((feature) => adapter.features.has(feature));
  const requiredLimits = options.defaultLimits
    ? {}
    : Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredFeatures: features, requiredLimits });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WebGPUUnavailableError('no-device', `adapter ${name} gives no device: ${reason}`, {
      cause: error,
    });
  }
  return usingDevice(device, adapter.info);
}

/** @throws WebGPUUnavailableError, and ArgumentError for what is no device */
function usingDevice(device: GPUDevice, info: GPUAdapterInfo | undefined): AcquiredDevice {
  if (typeof device.createBuffer !== 'function') {
    throw new ArgumentError(`a device must be a GPUDevice, got ${kindOf(device)}`);
  }
  const report = reportOf({ info, features: device.features });
  checkLimits(report.name, device.limits);
  const { subgroupMinSize, subgroupMaxSize } = info ?? {};
  const subgroupSize = subgroupMinSize === subgroupMaxSize ? subgroupMinSize : undefined;
  const smallestSubgroup = device.features.has(SIZE_CONTROL) ? subgroupMinSize : undefined;
  const profile = profileOf({ ...report, subgroupSize, smallestSubgroup });
  return { device, report, traits: { profile, limits: device.limits } };
}

/** @throws WebGPUUnavailableError for what offers less than the shaders rely on */
function checkLimits(adapter: string, limits: GPUSupportedLimits): void {
  for (const [limit, needed] of Object.entries(NEEDED_LIMITS)) {
    const offered = limits[limit as keyof typeof NEEDED_LIMITS];
    if (offered >= needed) continue;
    throw new WebGPUUnavailableError(
      'limits',
      `adapter ${adapter} offers ${limit} ${offered}, where ${needed} are needed`,
    );
  }
}

/**
 * The adapter's own description.
 *
 * @param info browsers that came before it was agreed on have none
 */
export function reportOf({ info, features }: { info?: GPUAdapterInfo; features: GPUSupportedFeatures }): AdapterReport {
  const { vendor = '', architecture = '', device = '', description = '', isFallbackAdapter = false } = info ?? {};
  const names = [description, device, architecture, vendor];
  return {
    name: names.find((name) => name !== '') ?? 'unknown adapter',
    vendor,
    architecture,
    device,
    description,
    software: isFallbackAdapter || names.some((name) => SOFTWARE.test(name)),
    shaderF16: features.has('shader-f16'),
    timestampQuery: features.has('timestamp-query'),
    subgroups: features.has('subgroups' as GPUFeatureName),
  };
}
