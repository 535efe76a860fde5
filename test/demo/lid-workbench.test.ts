import { describe, expect, test } from 'vitest';
import { CHECK_TOLERANCE } from '../../demo/lid/check';
import { guardLoops, mostTurns } from '../../demo/lid/workbench/guard';
import { packEdit, unpackEdit } from '../../demo/lid/workbench/link';
import { graphOf, runVersions } from '../../demo/lid/workbench/step';
import { compareTensors } from '../../src/compare-tensors';
import { Engine } from '../../src/engine';
import type { Candidate } from '../../src/gpu/kernel';
import { planGraph } from '../../src/gpu/plan-graph';
import { defineShader } from '../../src/gpu/shader';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { runReference } from '../../src/reference';
import type { ValueInfo } from '../../src/tensor';
import { testDevice } from '../support/gpu';
import { Random } from '../support/random';
import { listShaders, missingFeature } from '../support/shaders';

const ORIGINAL = '// ünïcode\nfn main() {\n  let a = 1;\n}\n';
const candidateOf = (source: string): Candidate => ({
  kernel: 'conv2d-naive',
  setting: '4 × 4',
  dispatches: [
    {
      shader: defineShader('conv2d-naive', source),
      constants: {},
      bind: {},
      params: {},
      workgroups: [1, 1, 1],
    },
  ],
});
const kept = { kernel: 'conv2d-naive', setting: '4 × 4', launch: 0 };

test.each(['', ORIGINAL, ORIGINAL.replace('1', '2'), `${ORIGINAL}// more\n`, ORIGINAL.slice(3), 'another'])(
  'a link keeps the changed text %j',
  async (text) => {
    const packed = await packEdit({ ...kept, text }, ORIGINAL);
    expect(packed).toMatch(/^[\w-]+$/);
    expect(await unpackEdit(packed, [candidateOf(ORIGINAL)])).toEqual({ ...kept, text });
  },
);

test('a link says why its edit cannot be used', async () => {
  const packed = await packEdit({ ...kept, text: 'x' }, ORIGINAL);
  await expect(unpackEdit(packed, [])).rejects.toThrow('conv2d-naive, which does not run this layer');
  await expect(unpackEdit(packed, [candidateOf(`${ORIGINAL} `)])).rejects.toThrow('another version of conv2d-naive');
  await expect(unpackEdit('%%%', [])).rejects.toThrow('damaged');
  await expect(unpackEdit('AAAA', [])).rejects.toThrow('damaged');
});

describe('loops of a changed shader', () => {
  test.each(listShaders().filter(({ source }) => guardLoops(source, 1) !== source))(
    'have an end in $name, which still compiles, line for line',
    async ({ source, name }) => {
      const { device } = (await testDevice()).acquired;
      const guarded = guardLoops(source, 4096);
      expect(guarded.split('\n').length, name).toBe(source.split('\n').length);
      if (missingFeature(source, device)) return;
      device.pushErrorScope('validation');
      const { messages } = await device.createShaderModule({ code: guarded }).getCompilationInfo();
      expect(messages.filter(({ type }) => type === 'error').map(({ message }) => message)).toEqual([]);
      expect(await device.popErrorScope()).toBe(null);
    },
  );

  test('end after so many turns, whatever their kind, and shorter ones as they are written', async () => {
    const source = `@group(0) @binding(0) var<storage, read_write> turns: array<u32>;
// for the reader alone: while { loop {
@compute @workgroup_size(1) fn main() {
  for (var i = 0u; i >= 0u; i++) { turns[0] += 1u; }
  while turns[1] < 0xffffffffu { turns[1] += 1u; for (var k = 0u; k < 2u; k++) { turns[2] += 1u; } }
  loop { turns[3] += 1u; continuing { break if turns[3] == 0u; } }
  for (var i = 0u; i < 7u; i++) { turns[4] += 1u; }
}`;
    const { device } = (await testDevice()).acquired;
    const module = device.createShaderModule({ code: guardLoops(source, 100) });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const size = 5 * 4;
    const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [{ binding: 0, resource: { buffer } }];
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(buffer, 0, read, 0, size);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    expect([...new Uint32Array(read.getMappedRange())]).toEqual([100, 100, 200, 100, 7]);
  });

  test('may take several times the turns that the arithmetic of a layer needs', () => {
    const shape = { dtype: 'float32', shape: [1, 64, 96, 96] } as const;
    const values = new Map<string, ValueInfo>([
      ['x', shape],
      ['w', { dtype: 'float32', shape: [64, 64, 3, 3] }],
      ['y', shape],
    ]);
    const attributes = { stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], groups: 1, ...NO_EPILOGUE } as const;
    const node = { name: 'n', op: 'conv2d', inputs: ['x', 'w'], outputs: ['y'], attributes } as const;
    const graph = { name: 'g', nodes: [node], inputs: ['x', 'w'], outputs: ['y'], values, constants: new Map() };
    // One invocation for each output: 64 channels of 9 taps each.
    const turns = mostTurns(graph, { workgroups: [(64 * 96 * 96) / 64, 1, 1] });
    expect(turns).toBeGreaterThan(4 * 64 * 9);
    // One for all of a plane: 9,216 times as many.
    expect(mostTurns(graph, { workgroups: [1, 1, 1] })).toBeGreaterThan(64 * 9 * 96 * 96);
  });
});

test('all outputs of a joined layer are run by each version', async () => {
  const plain = { ...NO_EPILOGUE, stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const separable = { depthwise: { ...plain, groups: 8, padding: [1, 1, 1, 1] }, pointwise: plain } as const;
  const net = new GraphBuilder('joined');
  const random = new Random(3);
  const weights = [[8, 1, 3, 3], [8], [4, 8, 1, 1], [4], [12, 4, 1, 1], [12]].map((shape) =>
    net.constant(`w${shape.join()}`, random.tensor(shape)),
  );
  const made = net.add('separable-expand', [net.input('x', [1, 8, 6, 8]), ...weights], { separable, expand: plain });
  const graph = net.build(made);
  const input = { x: random.tensor([1, 8, 6, 8]) };
  const expected = runReference(graph, input);
  const engine = await Engine.create({ gpu: (await testDevice()).gpu });
  const { traits } = await engine.connection();
  const tune = async (): Promise<(all: readonly Candidate[]) => Candidate> => (all) => all[0];
  const plan = await planGraph(graph, { precision: engine.precision, device: traits, optimise: false, tune });
  const { candidates } = plan.steps.find(({ node }) => node.name === graph.nodes[0].name)!;
  const versions = [candidates[0], candidates.at(-1)!].map((candidate) => ({
    candidate,
    edits: new Map<number, string>(),
  }));
  const trials = await runVersions(engine, graphOf(graph, graph.nodes[0]), versions, input);
  expect(trials).toHaveLength(2);
  for (const { outputs, timeMs } of trials) {
    expect(Object.keys(outputs)).toEqual(made);
    expect(timeMs).toBeGreaterThan(0);
    for (const name of made)
      expect(compareTensors(outputs[name], expected.get(name)!, CHECK_TOLERANCE).mismatch).toBeFalsy();
  }
});
