import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import type { ModelSource } from '../../src/tasks/load-model';
import { Tensor } from '../../src/tensor';

/** What people who write JavaScript may pass. */

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

const RUNNERS: readonly [string, () => Runner][] = [
  ['engine', () => engine],
  ['reference', () => new ReferenceRunner()],
];

/** Gives x times -1, x itself and a constant. */
function network() {
  const net = new GraphBuilder('three');
  const x = net.input('x', [2, 3]);
  const [y] = net.add('unary', [x], { ...NO_ACTIVATION, fn: 'neg' }, 'y');
  return net.build([y, net.constant('c', Tensor.float32([2], [0, 1]))]);
}

test.each(RUNNERS)('%s: an input that is no tensor is refused by its name', async (_, runner) => {
  const model = await runner().load(network());
  const run = (inputs: unknown) => expect(model.run(inputs as Record<string, Tensor>)).rejects;
  for (const [given, got] of [
    [new Float32Array(6), 'Float32Array'],
    [{ data: new Float32Array(6), dims: [2, 3], type: 'float32' }, 'an object'],
    [null, 'null'],
    [3, '3'],
  ]) {
    await run({ x: given }).toThrow(new ArgumentError(`input "x" must be a Tensor, float32 [2, 3], got ${got}`));
  }
  await run({ x: Tensor.float32([3, 2]) }).toThrow(
    new ArgumentError('input "x" must be float32 [2, 3], got float32 [3, 2]'),
  );
  await run({}).toThrow(new ArgumentError('input "x" of graph "three" is missing'));
  await run(undefined).toThrow(new ArgumentError('graph "three" takes tensors by name: x'));
  model.dispose();
});

test.each(RUNNERS)(
  '%s: results are the caller’s own, and inputs are those of the moment of the call',
  async (_, runner) => {
    const model = await runner().load(network());
    const x = Tensor.float32([2, 3], [1, 2, 3, 4, 5, 6]);
    const early = model.run({ x });
    x.data.fill(9);
    const { y, c } = await early;
    expect([...y.data]).toEqual([-1, -2, -3, -4, -5, -6]);
    c.data[0] = 42;
    expect([...(await model.run({ x })).c.data]).toEqual([0, 1]);
    model.dispose();
  },
);

test('what is no network is refused by what it is', async () => {
  await expect(engine.load(undefined as never)).rejects.toThrow(
    'a network is a Graph or the bytes of an ONNX file, got undefined',
  );
  await expect(engine.load(new Response() as never)).rejects.toThrow('got Response');
  // Read as ONNX, which it is not.
  await expect(engine.load(new ArrayBuffer(9))).rejects.toThrow(/ONNX/i);
  const load = (source: unknown) => ImageClassifier.load(engine, source as ModelSource);
  await expect(load(undefined)).rejects.toThrow(/bytes of its file or a VisionModel, got undefined/);
  await expect(load({})).rejects.toThrow(/got an object/);
  await expect(load(new ArrayBuffer(9))).rejects.toThrow(/weights: header/);
  await expect(load(new Blob(['<!doctype html>']))).rejects.toThrow(
    'weights: expected a safetensors file, got a web page',
  );
});

test('misspelt options are refused wherever they are given', async () => {
  await expect(engine.load(network(), { optimize: false } as object)).rejects.toThrow(
    'unknown option "optimize": is "optimise" meant?',
  );
  await expect(Engine.create({ precison: 'f16' } as object)).rejects.toThrow('is "precision" meant?');
  await expect(ImageClassifier.load(engine, 'nowhere', { onprogress() {} } as object)).rejects.toThrow(
    'is "onProgress" meant?',
  );
  const model = await engine.load(network());
  await expect(model.run({ x: Tensor.float32([2, 3]) }, { output: ['y'] } as object)).rejects.toThrow(
    'is "outputs" meant?',
  );
});
