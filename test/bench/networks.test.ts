import { expect, test } from 'vitest';
import { jobOf } from '../../bench/jobs';
import { loadNetwork } from '../../bench/networks';
import { RESIDUAL_NETWORKS } from '../../bench/residual-networks';
import { segformerB0, vitSmall } from '../../bench/transformers';
import { importOnnx } from '../../src/formats/onnx';
import type { Graph } from '../../src/graph/graph';
import { optimise } from '../../src/graph/passes';
import { graphStatistics } from '../../src/graph/statistics';
import { graphToOnnx } from '../support/graph-to-onnx';

const billionsOf = (graph: Graph): number =>
  Math.round([...graphStatistics(graph).nodes.values()].reduce((sum, { flops }) => sum + flops, 0) / 1e7) / 100;

test('an input larger than the limit is cut, and the name says so', () => {
  const detector = loadNetwork('detector', 128)!;
  expect(detector.name).toBe('detector-128');
  expect(detector.input.tensor.shape).toEqual([1, 3, 128, 128]);
  expect(jobOf(detector).network.side).toBe(128);
});

test('a small enough network stays as it is', () => {
  const classifier = loadNetwork('classifier', 192)!;
  expect(classifier.name).toBe('classifier');
  expect('side' in jobOf(classifier).network).toBe(false);
});

test('every file of a network is served where its job says', () => {
  const { network, input } = jobOf(loadNetwork('classifier')!, 'http://localhost:1');
  expect(input).toBe('http://localhost:1/networks/classifier.input');
  expect(Object.keys(network.files).sort()).toEqual(['fovea', 'graph', 'onnx', 'tflite']);
  expect(network.files.onnx).toBe('http://localhost:1/networks/classifier.onnx');
});

test('the residual networks have the layers, and so the arithmetic, of those that times were first compared on', () => {
  const billions = Object.fromEntries(
    Object.entries(RESIDUAL_NETWORKS).map(([name, build]) => [name, billionsOf(build())]),
  );
  expect(billions).toEqual({ 'residual-classifier': 0.5, 'residual-detector': 1.41, 'residual-segmenter': 1.79 });
});

test('the transformers have the arithmetic that their papers tell, and fuse into whole attention', async () => {
  // 4.6 and 8.4 G multiply-adds (Touvron et al. 2021, table 1; Xie et al. 2021, table 1), twice that in operations.
  const vit = vitSmall();
  const segformer = segformerB0();
  expect(billionsOf(vit) / 2 / 4.6).toBeCloseTo(1, 1);
  expect(billionsOf(segformer) / 2 / 8.4).toBeCloseTo(1, 1);
  const attentions = async (graph: Graph): Promise<number> => {
    const fused = await optimise(graph, { software: false, fusesAttention: true });
    return fused.nodes.filter(({ op }) => op === 'attention').length;
  };
  expect(await attentions(vit)).toBe(12);
  expect(await attentions(importOnnx(graphToOnnx(segformer)))).toBe(8);
});
