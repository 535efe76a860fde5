import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { analyse, betterCandidates, type ChipReport } from '../../bench/compilers/analyse';
import { CHIP_NAMES, chipOf, peakOf } from '../../bench/compilers/chips';
import { comparisonTable, regressions } from '../../bench/compilers/compare';
import type { CompiledPipeline } from '../../bench/compilers/dialect';
import { type Dispatched, loopFacts, turnsOfLoops } from '../../bench/compilers/loops';
import { MachineCode } from '../../bench/compilers/machine-code';
import { costOf, LAUNCH_US } from '../../bench/compilers/model';
import { readReport, writeReport } from '../../bench/compilers/results';
import { dispatchTable, networkTable, spillTable } from '../../bench/compilers/tables';

/** As Mesa prints RDNA 3's code: a loop of one load and eight multiply-adds within one over taps, then a store. */
const AMD_ASSEMBLY = `BB0:
	s_load_b128 s[4:7], s[2:3], null                            ; f4080101 f8000000
	s_waitcnt lgkmcnt(0)                                        ; bf89fc07
BB1:
	v_mul_lo_u32 v9, v8, v7                                     ; d72c0009
BB2:
	buffer_load_b128 v[0:3], v9, s[4:7], 0 offen                ; e05c0000
	s_waitcnt vmcnt(0)                                          ; bf8903f7
	v_fmac_f32_e32 v4, v0, v1                                   ; 56080300
	v_fmac_f32_e32 v4, v0, v1
	v_fmac_f32_e32 v4, v0, v1
	v_fmac_f32_e32 v4, v0, v1
	v_dual_fmac_f32 v5, v0, v1 :: v_dual_fmac_f32 v6, v0, v1
	v_fma_f32 v5, v0, v1, v2
	v_fma_f32 v5, v0, v0, v2
	v_cmp_gt_u32_e32 vcc, v0, v1
	s_cbranch_scc1 BB2
	s_cbranch_scc1 BB1
BB3:
	buffer_store_b128 v[4:7], v9, s[4:7], 0 offen
	s_endpgm
`;
const AMD_STATISTICS = {
  VGPRs: 40,
  'Spilled VGPRs': 0,
  'Spilled SGPRs': 0,
  'Scratch size': 0,
  'LDS size': 0,
  'Subgroups per SIMD': 16,
  Instructions: 18,
  'Inverse Throughput': 50,
  VMEM: 2,
  Latency: 900,
};

/** As Mesa prints Arc's: a message that loads, its description on the line below, and what waits for it. */
const INTEL_ASSEMBLY = `mov(16)         g1<1>UD         g9<0,1,0>UD                     { align1 1H };

LABEL0:
(+f0.0) break(16) JIP:  LABEL1        UIP:  LABEL1              { align1 1H };
send(16)        g33UD           g24UD           nullUD          0x64803500                0x01000000
                            ugm MsgDesc: ( load, a32, d32, V4, L1STATE_L3MOCS dst_len = 8, src0_len = 2, src1_len = 0 bti )  BTI 1  base_offset 0  { align1 1H $3 };
${'mad(16)         g117<1>F        g65<8,8,1>F     g1<8,8,1>F      g33<1,1,1>F { align1 1H $3.dst };\n'.repeat(8)}mul(16)         g10<1>D         g4<0,1,0>D      g1<16,8,2>UW    { align1 1H };
send(1)         g9UD            g31UD           nullUD          0x0210c580                0x00000000
                            ugm MsgDesc: ( store, a32, d32, V1, L1STATE_L3MOCS dst_len = 0, src0_len = 2, ss )  surface_state_index 0  { align1 1H $1 };
while(16)       JIP:  LABEL0                                    { align1 1H };

LABEL1:
send(16)        nullUD          g20UD           g33UD           0x64803504                0x02000200
                            ugm MsgDesc: ( store, a32, d32, V4, L1STATE_L3MOCS dst_len = 0, src0_len = 2, src1_len = 8 bti )  BTI 2  base_offset 0  { align1 1H $4 };
`;
const INTEL_STATISTICS = {
  'Max live registers': 90,
  'Spill Count': 1,
  'Fill Count': 0,
  'Scratch Memory Size': 1024,
  'Instruction Count': 15,
};

const amdPipeline: CompiledPipeline = {
  statistics: AMD_STATISTICS,
  subgroup: 64,
  workgroup: [8, 8, 1],
  assembly: AMD_ASSEMBLY,
};
const intelPipeline: CompiledPipeline = {
  statistics: INTEL_STATISTICS,
  subgroup: 16,
  workgroup: [8, 8, 1],
  assembly: INTEL_ASSEMBLY,
};
const amd = new MachineCode(amdPipeline, chipOf('navi31'));
const intel = new MachineCode(intelPipeline, chipOf('dg2'));

const dispatched = (changed: Partial<Dispatched> = {}): Dispatched => ({
  network: 'net',
  node: 'conv1',
  op: 'conv2d',
  kernel: 'conv2d-3x3',
  setting: '4×4',
  rank: 0,
  chosen: true,
  part: 0,
  shader: 'conv2d-3x3',
  constants: { PIXELS: 4, BLOCKS: 1 },
  storage: 'f32',
  workgroups: [2, 2, 8],
  inputs: [[1, 64, 8, 8], [64, 64, 3, 3], [64]],
  outputs: [[1, 64, 8, 8]],
  flops: 2 * 64 * 64 * 64 * 9,
  bytes: 200_000,
  pipeline: 0,
  ...changed,
});

test('AMD’s code: the inner loop, its multiply-adds, its cycles, and the loop around it', () => {
  expect(amd.hot).toEqual([2, 2]);
  expect(amd.outerLoops).toEqual([[1, 2]]);
  // Four plain ones, two of a pair, two with three sources.
  expect(amd.hotMultiplyAdds).toBe(8);
  expect(amd.hotMix().get('load')).toBe(1);
  // 64 lanes in one cycle where registers allow, in two where three differ or for a comparison.
  expect(amd.hotCycles.issue).toBe(4 + 1 + 2 + 1 + 2);
  expect(amd.hotCycles.cache).toBe(8);
  // A load takes 8 + 320 cycles, arithmetic follows.
  expect(amd.hotCycles.alone).toBe(8 + 320 + 10 + 2);
  expect(amd.spills).toBe(false);
  expect(amd.registers.waves).toBe(8);
  expect(amd.wavesOfWorkgroup).toBe(1);
});

test('Intel’s code: messages with their lengths, spills apart from loads, and what waits for them', () => {
  expect(intel.hot).toEqual([1, 2]);
  expect(intel.hotMultiplyAdds).toBe(8);
  expect(intel.hotMix().get('load')).toBe(1);
  expect(intel.hotMix().get('spill')).toBe(1);
  // 8 multiply-adds of 16 lanes on 8; the integer pipe works beside them.
  expect(intel.hotCycles.issue).toBe(16);
  expect(intel.hotCycles.cache).toBe((8 * 32) / 128);
  expect(intel.hotCycles.alone).toBeGreaterThan(240 + 16);
  expect(intel.spills).toBe(true);
  expect(intel.wavesOfWorkgroup).toBe(4);
});

test('a tile’s idle part counts as turns, and a sum that is shared out takes fewer', () => {
  // 4 pixels × 4 channels × 9 taps × 16 blocks of four.
  expect(loopFacts(dispatched())?.multiplyAdds).toBe(16 * 9 * 64);
  expect(
    loopFacts(
      dispatched({
        inputs: [
          [1, 5, 8, 8],
          [64, 5, 3, 3],
        ],
      }),
    )?.multiplyAdds,
  ).toBe(16 * 9 * 8);
  expect(loopFacts(dispatched())?.outerTurns).toBe(3);
  const splitK = dispatched({
    shader: 'conv2d-split-k',
    constants: { PIXELS: 8, BLOCKS: 8, SLICES: 4 },
    inputs: [
      [1, 64, 8, 8],
      [64, 64, 1, 1],
    ],
  });
  expect(loopFacts(splitK)?.multiplyAdds).toBe((32 * 64) / 4);
  expect(loopFacts(dispatched({ shader: 'resize2d', op: 'resize2d' }))).toBeUndefined();
});

test('of two waves only one filters 16 blocks, and all add up a pair of them each', () => {
  const inputs = [
    [1, 64, 8, 8],
    [64, 1, 3, 3],
  ];
  const constants = { COLUMNS: 8, TILES: 1, SLICES: 16, STRIDE: 1 };
  const facts = loopFacts(dispatched({ shader: 'separable-conv2d', op: 'separable-conv2d', constants, inputs }))!;
  expect(facts.multiplyAdds).toBe(16 * 8);
  expect([1, 2].map((depth) => facts.asideTurns(depth, true))).toEqual([0.5, 3 * 0.5]);
  expect([1, 2].map((depth) => facts.asideTurns(depth, false))).toEqual([1, 16]);
  const uniform = loopFacts(
    dispatched({ shader: 'separable-conv2d-uniform', constants: { ...constants, LANES: 8, LINES: 16 }, inputs }),
  )!;
  // Four waves of eight invocations filter 32 blocks for the other twelve.
  expect(uniform.asideTurns(1, true)).toBe(0.25);
});

test('the maxima of a shortcut are a sum of their own, ahead of the window’s', () => {
  const inputs = [[1, 96, 12, 12], [192, 96, 3, 3], [192], [1, 48, 24, 24], [192, 48, 1, 1]];
  const constants = { BLOCKS: 4, TILES: 8, SLICES: 4, POOL_HEIGHT: 2, POOL_WIDTH: 2 };
  const facts = loopFacts(dispatched({ shader: 'shortcut-conv2d', op: 'shortcut-conv2d', constants, inputs }))!;
  // 24 blocks in 4 slices, of nine taps for four pixels; ahead of them 12 blocks.
  expect(facts.multiplyAdds).toBe(6 * 9 * 64);
  expect(facts.asideTurns(1, true, false, true)).toBe(3);
  expect(facts.traffic!.another).toEqual({ turns: 3, weights: 4, inputs: 16 });
});

test('a doubled picture and the one beside it are sums of the same workgroup', () => {
  const inputs = [
    [1, 64, 24, 24],
    [48, 88, 3, 3],
  ];
  const constants = { LINEAR: 1, BLOCKS: 4, TILES: 16, SLICES: 2 };
  const facts = loopFacts(dispatched({ shader: 'upsample-conv2d-split', op: 'upsample-conv2d', constants, inputs }))!;
  // 16 blocks in 2 slices, in three rows of taps, for which six pixels are mixed of two; behind them 6 blocks.
  expect(facts.multiplyAdds).toBe(8 * 3 * (3 * 64 + 6 * 4));
  expect([1, 2].map((depth) => facts.asideTurns(depth, false, true))).toEqual([3, 9]);
  expect(facts.traffic).toEqual({ weights: 12, slices: 2, tiles: 16, another: { turns: 9, weights: 12, inputs: 6 } });
});

test('the 1×1 behind a separable convolution is another sum of the same workgroup', () => {
  const inputs = [
    [1, 192, 12, 12],
    [192, 1, 3, 3],
  ];
  const outputs = [
    [1, 64, 12, 12],
    [1, 384, 12, 12],
  ];
  const constants = { COLUMNS: 16, TILES: 1, SLICES: 8, STRIDE: 1 };
  const facts = loopFacts(
    dispatched({ shader: 'separable-expand', op: 'separable-expand', constants, inputs, outputs }),
  )!;
  // 48 blocks in 8 slices are two turns of four blocks; 96 output blocks for 128 invocations are one of four turns each.
  expect(facts.multiplyAdds).toBe(2 * 16 * 16);
  expect([1, 2].map((depth) => facts.asideTurns(depth, false, true))).toEqual([1, 4]);
  expect([1, 2].map((depth) => facts.asideTurns(depth, false, false))).toEqual([1, 8]);
});

test('a gate’s workgroup adds up eight pixels a turn, halves its slices, and does so again for each product', () => {
  const inputs = [
    [1, 16, 36, 64],
    [8, 16, 1, 1],
  ];
  const constants = { LANES: 256, ADDEND: 0, TWO: 1 };
  const outputs = [[1, 16, 1, 1]];
  const facts = loopFacts(dispatched({ shader: 'squeeze-excite', op: 'squeeze-excite', constants, inputs, outputs }))!;
  // 288 times eight pixels for 64 slices; the inputs of either product are fewer than its slices.
  expect([true, false].map((loads) => facts.asideTurns(2, true, false, loads))).toEqual([5, 6]);
  expect([true, false].map((loads) => facts.asideTurns(2, false, true, loads))).toEqual([1, 6]);
  expect(facts.multiplyAdds).toBe(16);
});

test('a dispatch takes as long as its slowest part', () => {
  const dispatch = dispatched();
  const cost = costOf(amd, dispatch, loopFacts(dispatch));
  // 32 workgroups of one wave: alone on its SIMD each waits for every load.
  expect(cost.bound).toBe('latency');
  expect(cost.turns).toBe((16 * 9 * 64) / 8);
  const cycles = 2500 * cost.us;
  expect(cycles).toBeGreaterThan(cost.turns * amd.hotCycles.alone);
  expect(cycles).toBeLessThan(cost.turns * amd.hotCycles.alone + 2000);
  // With enough waves to hide its latency, 16 cycles of loads by two SIMDs are longer than 10 of arithmetic.
  const held = new MachineCode(
    { ...amdPipeline, statistics: { ...AMD_STATISTICS, 'Subgroups per SIMD': 128 } },
    amd.chip,
  );
  expect(costOf(held, { ...dispatch, workgroups: [1000, 100, 10] }, loopFacts(dispatch)).bound).toBe('first cache');
  expect(costOf(amd, { workgroups: [1, 1, 1], bytes: 960e6 }).us).toBeCloseTo(1000, 3);
});

test('slices of a dense layer’s sum take four products a turn, and the rest one by one', () => {
  const inputs = [
    [1, 1281],
    [104, 1281],
  ];
  const facts = loopFacts(dispatched({ shader: 'dense', op: 'dense', constants: { SLICES: 32 }, inputs }))!;
  expect(facts.multiplyAdds).toBe(16 * 10);
  expect(facts.asideTurns(1, false)).toBe(1);
});

test('loops without a sum are counted as often as they turn, where the compiler keeps them all', () => {
  const assembly = AMD_ASSEMBLY.replaceAll(/\tv_(fmac|dual|fma).*\n/g, '');
  const code = new MachineCode({ ...amdPipeline, assembly }, amd.chip);
  expect(code.hot).toBeUndefined();
  const dispatch = dispatched({ shader: 'softmax', inputs: [[40, 21]], outputs: [[40, 21]], constants: { LANES: 8 } });
  expect(turnsOfLoops(dispatch)).toEqual([3, 3, 3]);
  const usOf = (turns?: readonly number[]) => costOf(code, { workgroups: [1, 1, 1], bytes: 0 }, undefined, turns).us;
  const [once, inner, outer] = [usOf([1, 1]), usOf([1, 4]), usOf([4, 1])];
  expect(inner).toBeGreaterThan(once);
  // What is in the inner loop is in the outer one as well.
  expect(outer).toBeGreaterThan(inner);
  expect(usOf([1, 1, 1])).toBe(usOf());
});

test('the peak of a chip is its lanes, twice, by its clock', () => {
  expect(peakOf(chipOf('navi31')) / 1e12).toBeCloseTo(61.44, 2);
  expect(CHIP_NAMES).toContain('dg2');
});

function reportOf(changed: Partial<Dispatched> = {}, code = intel): ChipReport {
  return analyse('dg2', { precision: 'f32' }, [dispatched(changed)], [code]).report;
}

test('an analysis has a network’s launches, its arithmetic and the share that spills', () => {
  const { report, withoutPipeline, unknownLoops } = analyse(
    'dg2',
    { precision: 'f32' },
    [
      dispatched(),
      dispatched({ node: 'relu', op: 'unary', shader: 'unary', flops: 0, pipeline: 1 }),
      dispatched({ pipeline: -1 }),
    ],
    [
      intel,
      new MachineCode(
        { ...intelPipeline, statistics: { ...INTEL_STATISTICS, 'Spill Count': 0, 'Scratch Memory Size': 0 } },
        chipOf('dg2'),
      ),
    ],
  );
  const { net } = report.networks;
  expect(net.launches).toBe(2);
  expect(net.megaflops).toBe(4.7);
  expect(net.spillingFlops).toBe(1);
  expect(net.totalMs).toBeCloseTo(net.gpuMs + (2 * LAUNCH_US) / 1e3, 3);
  expect(report.pipelines.map(({ spills }) => spills)).toEqual([1, 0]);
  expect(withoutPipeline).toHaveLength(1);
  expect(unknownLoops).toEqual([]);
  expect(networkTable(report)).toMatch(/net +2 /);
  expect(spillTable(report)).toMatch(/1 of 2 pipelines spill\n.*\n +conv2d-3x3 4×4 +1 +1 +0 +1024/);
});

test('a candidate that the model holds for faster is listed, naive kernels and unknown loops are not', () => {
  const slow = dispatched({ workgroups: [20, 20, 800] });
  const better = { ...slow, rank: 1, chosen: false, setting: '8×4', workgroups: [2, 2, 8] };
  const naive = { ...better, rank: 2, kernel: 'conv2d-naive', shader: 'conv2d-naive' };
  const { priced } = analyse('navi31', { precision: 'f32' }, [slow, better, naive], [amd]);
  expect(betterCandidates(priced)).toMatchObject([{ default: 'conv2d-3x3 4×4', better: 'conv2d-3x3 8×4', nodes: 1 }]);
  expect(dispatchTable(priced).split('\n')).toHaveLength(4);
});

test('a check finds new spills, more of them, and a total that has grown; what was known passes', () => {
  const committed = reportOf();
  expect(regressions(committed, committed)).toEqual([]);
  const more = reportOf(
    {},
    new MachineCode({ ...intelPipeline, statistics: { ...INTEL_STATISTICS, 'Spill Count': 2 } }, chipOf('dg2')),
  );
  expect(regressions(committed, more).join()).toMatch('conv2d-3x3 4×4 spills 2 registers');
  const other = reportOf({ constants: { PIXELS: 8, BLOCKS: 1 }, workgroups: [1, 1, 1] });
  expect(regressions(committed, other).join()).toMatch('spills 1 registers');
  const slower = reportOf({ workgroups: [20, 20, 80] });
  expect(regressions(committed, slower).join()).toMatch(/modelled total of .* are committed/);
  // Fewer networks than are committed.
  const two = { ...committed, networks: { ...committed.networks, other: committed.networks.net } };
  expect(regressions(two, committed)).toEqual([]);
  expect(comparisonTable(committed, committed)).toMatch(/1\.00/);
});

test('a report read is the report that was written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-compilers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const report = reportOf();
  writeReport(folder, report);
  expect(readReport(folder, 'dg2')).toMatchObject(JSON.parse(JSON.stringify(report)));
  expect(readReport(folder, 'tgl')).toBeUndefined();
});
