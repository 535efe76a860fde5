import { expect, test } from 'vitest';
import { hasWeights, peerKernel } from '../../bench/compilers/peers/kernels';
import {
  fitsExactly,
  fitsPadded,
  fitsPooled,
  type Layer,
  LayerMatcher,
  layersOf,
} from '../../bench/compilers/peers/layers';
import type { PeerRow } from '../../bench/compilers/peers/peers';
import { standing, summary } from '../../bench/compilers/peers/summary';
import { mobilenetV2 } from '../../bench/mobilenet-v2';

const layer = (input: number[], weight: number[], output: number[]): Layer => ({
  input,
  weight,
  output,
  multiplyAdds: output.concat(weight.slice(1)).reduce((a, b) => a * b, 1),
});
const wide = layer([16, 8, 8], [30, 16, 3, 3], [30, 8, 8]);
const small = layer([16, 8, 8], [30, 16, 3, 3], [30, 4, 4]);

test('MobileNetV2 has 53 layers with weights and 300 million multiply-adds', () => {
  const layers = layersOf(mobilenetV2());
  expect(layers).toHaveLength(53);
  expect(layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0) / 1e6).toBeCloseTo(300.8, 0);
});

test('a layer is found by the bytes that a dispatch binds, and handed out once', () => {
  const weights = 4 * 30 * 16 * 9;
  const exact = new LayerMatcher([wide, small], fitsExactly);
  expect(exact.take({ all: [4 * 30 * 16, weights] }, 1e6)).toBe(small);
  expect(exact.take({ all: [4 * 30 * 16, weights] }, 1e6)).toBeUndefined();
  expect(exact.left).toBe(1);
  // A pooled buffer is only a bound: the layer with the most outputs that the dispatch can make.
  expect(new LayerMatcher([small, wide], fitsPooled).take({ all: [32_768, weights] }, 2048)).toBe(wide);
  expect(new LayerMatcher([small, wide], fitsPooled).take({ all: [32_768, weights] }, 512)).toBe(small);
  // 32 channels stand for 30.
  const padded = { all: [], weights: 4 * 32 * 16 * 9, written: 4 * 32 * 64 };
  expect(new LayerMatcher([small, wide], fitsPadded).take(padded, 1e6)).toBe(wide);
});

test('a peer’s shader tells how many outputs an invocation makes and how it goes through its sums', () => {
  const ort = 'var<workgroup> mm_Bsub; var acc_0; var acc_3; let num_tiles = (uniforms.dim_inner - 1) / 32 + 1;';
  expect(peerKernel('ort-webgpu', 'MatMul', ort)).toEqual({ outputs: 16, terms: 32, longestSum: undefined });
  const rows = 'const rowPerThread = 4; const colPerThread = 4; const tileInner = 32; const kSplitK = 256;';
  expect(peerKernel('ort-webgpu', 'Conv2DMatMul', rows)).toEqual({ outputs: 16, terms: 32, longestSum: 256 });
  const tfjs =
    'var<workgroup> mm_Asub : array<array<vec4<f32>, 8>, 32>; @workgroup_size(8, 8, 1) kStart = kStart + 32;';
  expect(peerKernel('tfjs', 'Conv2DMMProgram', tfjs)).toEqual({ outputs: 16, terms: 32 });
  expect(peerKernel('tfjs', 'DepthwiseConv2DVec4Program', '')).toEqual({ outputs: 16 });
  expect(peerKernel('litert', '', 'r_w0_h0_s0 r_w1_h0_s3')).toEqual({ outputs: 4 * 2 * 4 });
  expect(peerKernel('litert', '', 'nothing')).toEqual({});
  expect(hasWeights('tfjs', 'Conv2DMMProgram', '')).toBe(true);
  expect(hasWeights('tfjs', 'FillProgram', '')).toBe(false);
  expect(hasWeights('litert', '', '@binding(1) var<storage> weights_buffer')).toBe(true);
});

test('the summary sets each network beside the fastest peer of each chip', () => {
  const row = (network: string, engine: PeerRow['engine'], totalMs: number) =>
    ({ network, engine, totalMs }) as PeerRow;
  const rows = [
    row('classifier', 'fovea', 0.2),
    row('classifier', 'tfjs', 0.6),
    row('classifier', 'litert', 0.5),
    row('ultraface', 'fovea', 0.3),
  ];
  expect(standing(rows, 'classifier')).toEqual({ ownMs: 0.2, peer: 'LiteRT.js', ratio: 2.5 });
  expect(standing(rows, 'ultraface')).toBeUndefined();
  expect(summary([{ chip: 'navi31', rows }]).split('\n')).toEqual([
    '|  | navi31 |',
    '| --- | --- |',
    '| classifier | 0.20 ms, 2.5× LiteRT.js |',
    '| ultraface |  |',
  ]);
});
