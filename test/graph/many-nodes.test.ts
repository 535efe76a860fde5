import { describe, expect, test } from 'vitest';
import { type MemoryRequest, planMemory } from '../../src/gpu/memory-plan';
import { planViews } from '../../src/gpu/views';
import { GraphBuilder } from '../../src/graph/builder';
import type { Graph, GraphNode } from '../../src/graph/graph';
import { mergeHeads } from '../../src/graph/passes/merge-heads';
import { NO_ACTIVATION } from '../../src/operators/epilogue';

/** What is read of an object, which is what the time of an algorithm over it goes by. */
class Reads {
  count = 0;

  watch<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        this.count++;
        const value = Reflect.get(object, key);
        return typeof value === 'function' ? value.bind(object) : value;
      },
    });
  }
}

/** Runs some work on a thing of two sizes, and tells how many times as much the larger one took for its size. */
function growth(work: (size: number, reads: Reads) => void): number {
  const [small, large] = [4000, 16_000].map((size) => {
    const reads = new Reads();
    work(size, reads);
    return reads.count / size;
  });
  return large / small;
}

const addNeg = (b: GraphBuilder, x: string, name: string): string =>
  b.add('unary', [x], { ...NO_ACTIVATION, fn: 'neg' }, name)[0];

/** The parts of an input, negated, and joined. */
function parts(size: number): Graph {
  const b = new GraphBuilder('parts');
  const x = b.input('x', [1, 4]);
  const inputs = Array.from({ length: size }, (_, i) => addNeg(b, x, `part${i}`));
  return b.build(b.add('concat', inputs, { axis: 1 }, 'y'));
}

describe('the time grows with the size of the graph, and not with its square', () => {
  const kinds: Record<string, (i: number, size: number) => Omit<MemoryRequest, 'root'>> = {
    'that live at once': (_, size) => ({ sizeBytes: 256, first: 0, last: size }),
    'of a chain': (i) => ({ sizeBytes: 256, first: i, last: i + 1 }),
    'that all end at the last step': (i, size) => ({ sizeBytes: 256, first: i, last: size }),
  };
  for (const [kind, request] of Object.entries(kinds)) {
    test(`of memory for tensors ${kind}`, () => {
      const ratio = growth((size, reads) => {
        const requests = Array.from({ length: size }, (_, i) => reads.watch({ root: `t${i}`, ...request(i, size) }));
        planMemory(requests, new Map(), 2 ** 40);
      });
      expect(ratio).toBeLessThan(1.5);
    });
  }

  test('of the passes for a concatenation', () => {
    const ratio = growth((size, reads) => {
      const graph = parts(size);
      const watched = graph.nodes.map((node) => ({ ...node, inputs: reads.watch([...node.inputs]) }) as GraphNode);
      mergeHeads({ ...graph, nodes: watched });
    });
    expect(ratio).toBeLessThan(1.5);
  });

  test('of shared memory for nodes that would write what they read', () => {
    const ratio = growth((size, reads) => {
      const b = new GraphBuilder('clashes');
      const x = b.input('x', [1, 4]);
      const outputs = Array.from({ length: size / 40 }, (_, i) => {
        const read = addNeg(b, x, `read${i}`);
        return b.add('concat', [read, addNeg(b, read, `written${i}`)], { axis: 1 }, `y${i}`)[0];
      });
      const { nodes, values, inputs } = b.build(outputs);
      const laidOut = new Map([...values].map(([name, { shape }]) => [name, { shape, layout: 'linear' as const }]));
      const views = planViews(nodes, reads.watch(laidOut), new Set(inputs));
      const clash = ({ inputs, outputs }: GraphNode): boolean =>
        views.get(inputs[0])!.root === views.get(outputs[0])!.root;
      expect(nodes.filter(({ op }) => op === 'unary').some(clash)).toBe(false);
    });
    expect(ratio).toBeLessThan(1.5);
  });
});

test('many tensors of a step share few buffers, and none that the step reads and writes', () => {
  const requests = Array.from({ length: 5000 }, (_, i) => ({ root: `t${i}`, sizeBytes: 256, first: 0, last: 0 }));
  const [read, ...written] = requests.map(({ root }) => root);
  const conflicts = new Map([[read, written], ...written.map((root): [string, string[]] => [root, [read]])]);
  const { buffers, places, peakBytes } = planMemory(requests, conflicts, 2 ** 40);
  expect(buffers.length).toBeLessThan(100);
  expect(peakBytes).toBe(5000 * 256);
  expect(written.filter((root) => places.get(root)!.buffer === places.get(read)!.buffer)).toEqual([]);
  const at = new Set([...places.values()].map(({ buffer, offset }) => `${buffer} ${offset}`));
  expect(at.size).toBe(5000);
});
