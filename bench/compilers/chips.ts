/** A GPU whose compiler runs here. Figures of the hardware are its makers' own, those of caches partly guessed. */
export interface Chip {
  readonly title: string;
  readonly vendor: 'amd' | 'intel';
  /** Compute units; Intel's Xe cores. */
  readonly units: number;
  /** SIMDs of a compute unit; Intel's vector engines. */
  readonly simds: number;
  /** Multiply-adds that a SIMD begins in a cycle. */
  readonly lanes: number;
  readonly gigahertz: number;
  /** Bandwidth of its memory. */
  readonly gigabytesPerSecond: number;
  /** Bytes a cycle from the first cache of a compute unit. */
  readonly firstCacheBytes: number;
  /** Bytes a cycle from the second cache, for all units together; not modelled where it is left out. */
  readonly secondCacheBytes?: number;
  /** Waves that a vector engine of Intel holds; AMD's number follows from the registers that a kernel takes. */
  readonly threads?: number;
  /** One pipe for float and integer arithmetic, where others of Intel have one for each. */
  readonly sharedPipe?: true;
}

export const CHIPS = {
  navi21: {
    title: 'Radeon RX 6900 XT, RDNA 2',
    vendor: 'amd',
    units: 80,
    simds: 2,
    lanes: 32,
    gigahertz: 2.25,
    gigabytesPerSecond: 512,
    firstCacheBytes: 128,
    secondCacheBytes: 1024,
  },
  navi31: {
    title: 'Radeon RX 7900 XTX, RDNA 3',
    vendor: 'amd',
    units: 96,
    simds: 2,
    // Where two multiply-adds issue at once.
    lanes: 64,
    gigahertz: 2.5,
    gigabytesPerSecond: 960,
    firstCacheBytes: 128,
    secondCacheBytes: 1536,
  },
  rembrandt: {
    title: 'Ryzen 6000 graphics, RDNA 2',
    vendor: 'amd',
    units: 12,
    simds: 2,
    lanes: 32,
    gigahertz: 2.4,
    gigabytesPerSecond: 68,
    firstCacheBytes: 128,
    secondCacheBytes: 256,
  },
  dg2: {
    title: 'Arc A770',
    vendor: 'intel',
    units: 32,
    simds: 16,
    lanes: 8,
    gigahertz: 2.1,
    gigabytesPerSecond: 560,
    firstCacheBytes: 128,
    threads: 8,
  },
  lnl: {
    title: 'Arc 140V, Lunar Lake',
    vendor: 'intel',
    units: 8,
    simds: 8,
    lanes: 16,
    gigahertz: 2.05,
    gigabytesPerSecond: 136,
    firstCacheBytes: 128,
    threads: 8,
  },
  tgl: {
    title: 'Iris Xe, Tiger Lake',
    vendor: 'intel',
    units: 6,
    simds: 16,
    lanes: 8,
    gigahertz: 1.35,
    gigabytesPerSecond: 68,
    firstCacheBytes: 64,
    threads: 7,
    sharedPipe: true,
  },
} as const satisfies Record<string, Chip>;

export type ChipName = keyof typeof CHIPS;
export const CHIP_NAMES = Object.keys(CHIPS) as ChipName[];

export const chipOf = (name: ChipName): Chip => CHIPS[name];

/** Operations a second, a multiply-add counted twice. */
export const peakOf = ({ units, simds, lanes, gigahertz }: Chip): number => units * simds * lanes * 2 * gigahertz * 1e9;
