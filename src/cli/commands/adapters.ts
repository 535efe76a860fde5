import { ArgumentError, WebGPUUnavailableError } from '../../errors';
import { type AdapterReport, reportOf } from '../../gpu/device';
import { columns, defineCommand } from '../command';
import { formatBytes } from '../format';
import { createNodeGpu, type NodeAdapter } from '../node-gpu';

interface Found extends AdapterReport {
  /** The value of FOVEA_ADAPTER that picks it. */
  readonly choice: NodeAdapter;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** Lists what WebGPU offers on this machine. */
export const adapters = defineCommand({
  name: 'adapters',
  usage: '',
  summary: 'list the WebGPU adapters of this machine',
  options: {},
  async run(positionals, { json }, { out }) {
    if (positionals.length > 0) throw new ArgumentError(`adapters takes no argument, got "${positionals[0]}"`);
    const found: Found[] = [];
    const missing: { choice: NodeAdapter; reason: string }[] = [];
    // The default comes first: the others point the Vulkan loader to one driver for good.
    for (const choice of ['default', 'lavapipe', 'swiftshader'] as const) {
      try {
        found.push(await probe(choice));
      } catch (error) {
        if (!(error instanceof WebGPUUnavailableError) || error.step === 'no-api') throw error;
        missing.push({ choice, reason: error.message });
      }
    }
    if (found.length === 0) {
      throw new WebGPUUnavailableError('no-adapter', `no adapter: ${missing.map((m) => m.reason).join('; ')}`);
    }
    if (json) {
      out(`${JSON.stringify({ adapters: found, missing }, null, 2)}\n`);
      return;
    }
    for (const adapter of found) out(`${describe(adapter)}\n\n`);
    for (const { choice, reason } of missing) out(`FOVEA_ADAPTER=${choice}: ${reason}\n`);
  },
});

async function probe(choice: NodeAdapter): Promise<Found> {
  const gpu = await createNodeGpu(choice);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new WebGPUUnavailableError('no-adapter', 'WebGPU finds no adapter');
  return {
    choice,
    ...reportOf(adapter),
    features: [...adapter.features].sort(),
    limits: limitsOf(adapter.limits),
  };
}

/** Limits are getters of the prototype, which JSON does not see. */
function limitsOf(limits: GPUSupportedLimits): Record<string, number> {
  const names = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(limits)));
  return Object.fromEntries(
    names
      .map((name) => [name, limits[name as keyof GPUSupportedLimits]])
      .filter(([, value]) => typeof value === 'number'),
  );
}

function describe({ choice, name, vendor, architecture, software, features, limits }: Found): string {
  const rows = [
    ['  picked by', `FOVEA_ADAPTER=${choice}`],
    ['  kind', software ? 'software: computes on the CPU, correct and slow' : 'hardware'],
    ['  vendor', [vendor, architecture].filter(Boolean).join(', ') || 'not told'],
    ['  largest buffer', formatBytes(limits.maxBufferSize)],
    ['  largest binding', formatBytes(limits.maxStorageBufferBindingSize)],
    [
      '  workgroup',
      `${limits.maxComputeInvocationsPerWorkgroup} invocations, ${formatBytes(limits.maxComputeWorkgroupStorageSize)}`,
    ],
    ['  features', features.join(' ')],
  ];
  return [name, ...columns(rows)].join('\n');
}
