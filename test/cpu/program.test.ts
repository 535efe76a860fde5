import { expect, test } from 'vitest';
import '../../src/cpu/references';
import { placeValues } from '../../src/cpu/memory';
import { bindKernels, makeProgram, tensorOf } from '../../src/cpu/program';
import { counterCount, TeamSync } from '../../src/cpu/team-sync';
import type { Graph } from '../../src/graph/graph';
import { optimise } from '../../src/graph/passes';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { allCases } from '../ops/cases';
import { expectClose } from '../support/expect-close';
import { caseGraph, toleranceOf } from '../support/kernel-case';
import { Random } from '../support/random';
import { RANDOM_NETWORK_TOLERANCE, randomNetwork } from '../support/random-network';
import { WEIGHTS_OF_NAN } from '../support/weights-of-nan';

/** Runs a program on this thread, in memory full of garbage, twice. */
function run(graph: Graph, inputs: Record<string, Tensor>): Map<string, Tensor> {
  const program = makeProgram(graph, (sizeBytes) => new Uint8Array(sizeBytes).fill(0xff).buffer);
  const kernels = bindKernels(program);
  const scratch = new Float32Array(Math.max(0, ...kernels.map(({ scratchSize = 0 }) => scratchSize)));
  for (let round = 0; round < 2; round++) {
    scratch.fill(Number.NaN);
    new TeamSync(new Int32Array(counterCount(kernels.length)), 1).run(kernels, scratch, () => {
      for (const name of graph.inputs) tensorOf(program, name).data.set(inputs[name].data);
    });
  }
  return new Map(graph.outputs.map((name) => [name, tensorOf(program, name)]));
}

test('every case of every operator gives what the reference gives', () => {
  for (const testCase of allCases) {
    const { graph, inputs } = caseGraph(testCase);
    const expected = runReference(graph, inputs);
    const actual = run(graph, inputs);
    for (const name of graph.outputs) {
      // Winograd's transforms lose two bits.
      const tolerance = { ofLargest: 4 * toleranceOf(testCase, graph, 'f32') };
      expectClose(actual.get(name)!, expected.get(name)!, tolerance, `${testCase.op}: ${testCase.name}`);
    }
  }
});

test.each([true, false])(
  'padding is left out of sums with weights that are not finite, known at load or not (%s)',
  (isConstant) => {
    for (const testCase of WEIGHTS_OF_NAN) {
      const { graph, inputs } = caseGraph(isConstant ? testCase : { ...testCase, constants: [] });
      const expected = runReference(graph, inputs);
      const actual = run(graph, inputs);
      for (const name of graph.outputs) {
        const tolerance = { ofLargest: toleranceOf(testCase, graph, 'f32') };
        expectClose(actual.get(name)!, expected.get(name)!, tolerance, `${testCase.op}: ${testCase.name}`);
      }
    }
  },
);

test.each(Array.from({ length: 8 }, (_, group) => group))(
  'networks at random give what the reference gives, fused or not (%i)',
  async (group) => {
    for (let seed = 50 * group; seed < 50 * group + 50; seed++) {
      const { graph, inputs } = randomNetwork(seed);
      const expected = runReference(graph, inputs);
      for (const network of [
        graph,
        await optimise(graph, { software: true }),
        await optimise(graph, { software: false }),
      ]) {
        const actual = run(network, inputs);
        for (const [name, tensor] of expected) {
          expectClose(actual.get(name)!, tensor, RANDOM_NETWORK_TOLERANCE, `${name}: seed ${seed}`);
        }
      }
    }
  },
);

test('values that are needed at the same time never overlap, and others share memory', () => {
  const random = new Random(11);
  const below = (count: number): number => Math.floor(random.next() * count);
  for (let round = 0; round < 50; round++) {
    const lifetimes = Array.from({ length: 40 }, (_, i) => {
      const first = Math.floor(i / 2);
      return { name: `v${i}`, sizeBytes: below(5) === 0 ? 0 : 1 + below(5000), first, last: first + below(6) };
    });
    const { places, sizeBytes } = placeValues(lifetimes);
    for (const a of lifetimes) {
      const at = places.get(a.name)!;
      expect(at % 64).toBe(0);
      expect(at + a.sizeBytes).toBeLessThanOrEqual(sizeBytes);
      for (const b of lifetimes) {
        if (a === b || a.last < b.first || b.last < a.first || !a.sizeBytes || !b.sizeBytes) continue;
        const other = places.get(b.name)!;
        expect(at + a.sizeBytes <= other || other + b.sizeBytes <= at).toBe(true);
      }
    }
    const alive = lifetimes.map(({ first: step }) =>
      lifetimes.reduce((sum, v) => (v.first <= step && step <= v.last ? sum + v.sizeBytes + 63 : sum), 0),
    );
    expect(sizeBytes).toBeLessThan(1.4 * Math.max(...alive));
  }
});

test('a network of very many nodes or values is planned in time that grows with their number', () => {
  const value = (length: number) => ({ dtype: 'float32', shape: [length, 4] }) as const;
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);
  const parts = names(50_000);
  const all = new Map([...parts.map((name) => [name, value(1)] as const), ['all', value(parts.length)]]);
  const graph = { name: 'wide', values: all, constants: new Map() };
  const concat = { name: 'n', op: 'concat', attributes: { axis: 0 }, inputs: parts, outputs: ['all'] } as const;
  const sizes = parts.map(() => 1);
  const split = { name: 'n', op: 'split', attributes: { axis: 0, sizes }, inputs: ['all'], outputs: parts } as const;
  const numbers = Tensor.float32([parts.length, 4], new Random(1).tensor([parts.length, 4]).data);
  const rows = parts.map((name, i) => [name, Tensor.float32([1, 4], numbers.data.subarray(4 * i, 4 * i + 4))] as const);
  const joined = run({ ...graph, inputs: parts, outputs: ['all'], nodes: [concat] }, Object.fromEntries(rows));
  expect(joined.get('all')!.data).toEqual(numbers.data);
  const cut = run({ ...graph, inputs: ['all'], outputs: parts, nodes: [split] }, { all: numbers });
  expect(cut.get('v49999')!.data).toEqual(rows[49_999][1].data);
});
