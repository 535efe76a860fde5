import { test } from 'vitest';
import '../../src/cpu/references';
import type { KernelFamily, NodeShapes } from '../../src/cpu/kernel';
import { familiesFor } from '../../src/cpu/kernels';
import { conv2dWinograd } from '../../src/cpu/kernels/conv2d-winograd';
import type { Graph } from '../../src/graph/graph';
import { runReference } from '../../src/reference';
import { Tensor } from '../../src/tensor';
import { allCases } from '../ops/cases';
import { expectClose } from '../support/expect-close';
import { caseGraph, type KernelCase, toleranceOf } from '../support/kernel-case';
import { Random } from '../support/random';

/** Transforms in float64; what they give is stored in float32, as the sums are: about four times the sum's error. */
const WINOGRAD_LOSS = 4;

/** One way to run the only node of a graph. */
interface Way {
  readonly family: KernelFamily;
  readonly isConstant: boolean;
}

function waysOf(graph: Graph): Way[] {
  const [node] = graph.nodes;
  const shapes = shapesOf(graph);
  const isConstant = graph.constants.has(node.inputs[1]);
  const ways = familiesFor(node, shapes, isConstant).map((family) => ({ family, isConstant }));
  // Weights that a network computes are not packed.
  if (!isConstant) return ways;
  return [...ways, ...familiesFor(node, shapes, false).map((family) => ({ family, isConstant: false }))];
}

function shapesOf(graph: Graph): NodeShapes {
  const [node] = graph.nodes;
  const infos = (names: readonly string[]) => names.map((name) => graph.values.get(name)!);
  return { inputs: infos(node.inputs), outputs: infos(node.outputs) };
}

/** Garbage that shows where it is used. */
const dirty = (size: number): Float32Array => new Float32Array(size).fill(Number.NaN);

/** Runs all parts, in any order, twice. */
function runWay(graph: Graph, inputs: Record<string, Tensor>, { family, isConstant }: Way): Map<string, Tensor> {
  const [node] = graph.nodes;
  const shapes = shapesOf(graph);
  const operands = node.inputs.map((name) => graph.constants.get(name) ?? inputs[name]);
  const packing = isConstant ? family.packing?.(node, shapes) : undefined;
  if (packing) {
    const packed = Tensor.float32([packing.size], dirty(packing.size));
    packing.pack(operands[1], packed.data);
    operands[1] = packed;
  }
  const outputs = shapes.outputs.map(({ dtype, shape }) => {
    const output = Tensor.zeros(dtype, shape);
    output.data.fill(dtype === 'float32' ? Number.NaN : 1);
    return output;
  });
  const kernel = family.bind(node, operands, outputs, shapes);
  const random = new Random(7);
  const parts = Array.from({ length: kernel.parts }, (_, part) => part).sort(() => random.next() - 0.5);
  const scratch = dirty(kernel.scratchSize ?? 0);
  for (const part of [...parts, ...parts]) kernel.run(part, scratch);
  return new Map(node.outputs.map((name, i) => [name, outputs[i]]));
}

function check(testCase: KernelCase): void {
  const { graph, inputs } = caseGraph(testCase);
  const expected = runReference(graph, inputs);
  for (const way of waysOf(graph)) {
    const actual = runWay(graph, inputs, way);
    const loss = way.family === (conv2dWinograd as KernelFamily) ? WINOGRAD_LOSS : 1;
    for (const name of graph.outputs) {
      const tolerance = { ofLargest: loss * toleranceOf(testCase, graph, 'f32') };
      expectClose(actual.get(name)!, expected.get(name)!, tolerance, testCase.name);
    }
  }
}

/** These kernels read no parts of larger images: a slice copies. */
const whole = ({ isPart: _, ...testCase }: KernelCase): KernelCase => testCase;

/** A reshape moves nothing, and what passes join for GPUs is taken apart: the program's tests run both. */
const NOT_KERNELS = ['reshape', 'upsample-conv2d'];
const operators = [...new Set(allCases.map(({ op }) => op))].filter((op) => !NOT_KERNELS.includes(op));

test.each(operators)('%s gives what the reference gives, whatever runs it', (op) => {
  for (const testCase of allCases) if (testCase.op === op) check(whole(testCase));
});
