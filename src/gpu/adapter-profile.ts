/** Everything about a device that the choice of kernels may depend on. */
export interface DeviceTraits {
  readonly profile: AdapterProfile;
  readonly limits: {
    readonly maxComputeWorkgroupSizeX: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  };
}

/**
 * How a kind of adapter spends its time. Kernels ask for these costs and thresholds; only this file knows vendors and
 * drivers.
 */
export interface AdapterProfile extends Costs {
  readonly kind: 'discrete' | 'integrated' | 'software' | 'unknown';
  /** Kernels whose quads share their loads by subgroup swaps: the best guess, one for tuning to try, or not worth compiling. */
  readonly quads: 'first' | 'tried' | 'never';
}

interface Costs {
  /** Computes on the CPU. */
  readonly software: boolean;
  /** A barrier costs more than the invocations gain that share a sum. */
  readonly slowBarriers: boolean;
  /** Attention is faster in one kernel than as two products and a softmax. */
  readonly fusesAttention: boolean;
  /** A depthwise convolution is faster in one kernel with the 1×1 that follows, if that has few outputs. */
  readonly fusesSeparable: boolean;
  /** Fewer outputs than this leave the adapter idle in part, so that it may pay to share out the sum of each. */
  readonly sharedSumInvocations: number;
  /** A pipeline takes up to a second: layers share pipelines, even where each then does a little more work. */
  readonly slowCompiler: boolean;
  /** With a slow compiler: loads of vec4s that a pipeline must save a frame. */
  readonly pipelineLoads: number;
  /** Invocations along x of a workgroup, at most. Those of one column load the same weights. */
  readonly workgroupColumns: number;
  /** Invocations of a subgroup to ask for, where the adapter's own choice is a bad one and can be changed. */
  readonly subgroupSize?: number;
  readonly registerTile: {
    /** Fewer invocations than this leave the adapter idle in part. */
    readonly busyInvocations: number;
    /** A load of a vec4, in multiply-adds of one. */
    readonly loadCost: number;
    /** Pixels times output blocks: a larger tile's sums do not fit an invocation's registers. */
    readonly mostSums: number;
    /** Compiling a large tile takes longer than it saves: the smallest comes first. */
    readonly smallestFirst: boolean;
  };
  readonly quadTile: {
    /** Largest product of pixel groups and output blocks: its sums fit an invocation's registers. */
    readonly mostSums: number;
    readonly quadsPerWorkgroup: number;
  };
  /** Winograd's F(2×2, 3×3) is likely to beat the direct kernel from here on. */
  readonly winograd: { readonly leastChannels: number; readonly leastTiles: number; readonly leastFlops: number };
  /**
   * Non-maximum suppression's workgroups, best guess first: their invocations, how many boxes of a class they sort, and
   * whether workgroup memory holds the corners of these.
   */
  readonly suppression: readonly { readonly size: number; readonly capacity: number; readonly staged: boolean }[];
}

const GPU: Costs = {
  software: false,
  slowBarriers: false,
  fusesAttention: true,
  fusesSeparable: true,
  sharedSumInvocations: 8192,
  slowCompiler: false,
  pipelineLoads: 0,
  workgroupColumns: 8,
  registerTile: { busyInvocations: 16_384, loadCost: 1, mostSums: 16, smallestFirst: false },
  quadTile: { mostSums: 9, quadsPerWorkgroup: 16 },
  // Its transformed pictures are eight times the traffic of a direct kernel, and it takes two more launches.
  winograd: { leastChannels: 192, leastTiles: 0, leastFlops: 4e8 },
  suppression: [
    { size: 256, capacity: 256, staged: true },
    { size: 64, capacity: 256, staged: true },
  ],
};

/**
 * Intel's GPUs have 128 registers of 32 or 64 bytes for a whole subgroup. Dawn takes subgroups of 16 or 32, with which a
 * tile of 4×4 sums spills registers to memory, unless invocations of a workgroup share their weights.
 */
const INTEL: Costs = {
  ...GPU,
  fusesSeparable: false,
  workgroupColumns: 1,
  registerTile: { ...GPU.registerTile, mostSums: 4 },
  // Its products are made in tiles of 8×8.
  winograd: { leastChannels: Infinity, leastTiles: Infinity, leastFlops: Infinity },
};

/**
 * The same in the smallest subgroups there are, which leave each invocation twice the registers. An architecture whose name
 * ends in "low power" (`gen-12lp`, `xe-2lpg`) has at most a quarter of the lanes that one for high performance has.
 */
const intelIn = (subgroupSize: number, architecture: string): Costs => ({
  ...INTEL,
  fusesSeparable: true,
  sharedSumInvocations: /lpg?$/.test(architecture) ? 2048 : INTEL.sharedSumInvocations,
  subgroupSize,
  workgroupColumns: Math.max(GPU.workgroupColumns, subgroupSize),
});

/** Computes four invocations at once, and the quads of a workgroup one after the other, those outside the grid included. */
const SWIFTSHADER: Costs = {
  software: true,
  slowBarriers: true,
  fusesAttention: false,
  fusesSeparable: false,
  sharedSumInvocations: 8192,
  slowCompiler: true,
  // About three milliseconds: a pipeline compiles for 60 to 340.
  pipelineLoads: 85_000,
  workgroupColumns: 4,
  registerTile: { busyInvocations: 8, loadCost: 10, mostSums: 16, smallestFirst: false },
  // A CPU keeps most sums in memory whatever their number.
  quadTile: { mostSums: Infinity, quadsPerWorkgroup: 1 },
  winograd: { leastChannels: 32, leastTiles: 32, leastFlops: 0 },
  // SwiftShader clears workgroup memory number by number, in code that takes a second to compile for 2,048 of them.
  suppression: [
    { size: 64, capacity: 128, staged: false },
    { size: 256, capacity: 128, staged: true },
  ],
};

/** Mesa's lavapipe and other software adapters: they take seconds to compile a large tile. */
const OTHER_SOFTWARE: Costs = {
  ...SWIFTSHADER,
  registerTile: { ...SWIFTSHADER.registerTile, smallestFirst: true },
};

const KINDS: Readonly<Record<string, AdapterProfile['kind']>> = {
  amd: 'discrete',
  nvidia: 'discrete',
  apple: 'integrated',
  arm: 'integrated',
  'img-tec': 'integrated',
  intel: 'integrated',
  qualcomm: 'integrated',
};

/**
 * The profile of an adapter. All GPUs except Intel's share one set of costs. The vendor alone decides the kind: AMD's
 * integrated GPUs count as discrete.
 *
 * @param architecture as the adapter's information has it
 * @param subgroupSize invocations of every subgroup, if their number is fixed
 * @param smallestSubgroup invocations of the smallest subgroup that a shader can ask for, if it can
 */
export function profileOf(adapter: {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly software: boolean;
  readonly subgroups: boolean;
  readonly subgroupSize?: number;
  readonly smallestSubgroup?: number;
}): AdapterProfile {
  const { vendor = '', software, subgroups, subgroupSize } = adapter;
  // Subgroups of four neighbours along x are SwiftShader's vectors.
  if (subgroups && subgroupSize === 4) {
    return software
      ? { ...SWIFTSHADER, kind: 'software', quads: 'first' }
      : { ...GPU, kind: kindOf(vendor), quads: 'first' };
  }
  if (software) return { ...OTHER_SOFTWARE, kind: 'software', quads: 'never' };
  return { ...costsOf(adapter), kind: kindOf(vendor), quads: subgroups ? 'tried' : 'never' };
}

function costsOf({ vendor = '', architecture = '', smallestSubgroup }: Parameters<typeof profileOf>[0]): Costs {
  if (vendor.toLowerCase() !== 'intel') return GPU;
  return smallestSubgroup === undefined ? INTEL : intelIn(smallestSubgroup, architecture);
}

const kindOf = (vendor: string): AdapterProfile['kind'] => KINDS[vendor.toLowerCase()] ?? 'unknown';

/** A device that has what WebGPU guarantees and no more, so that a plan needs no adapter and is the same everywhere. */
export const PORTABLE_DEVICE = {
  profile: profileOf({ software: false, subgroups: false }),
  limits: {
    maxComputeWorkgroupSizeX: 256,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeWorkgroupsPerDimension: 65535,
    maxBufferSize: 2 ** 28,
  },
} as const;
