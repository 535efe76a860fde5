import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { ImageSegmenter } from '../../src/tasks/image-segmenter';

const weights = readFileSync('weights/classifier.safetensors');
/** Enough for the header of the file, and for few of its weights. */
const HEAD_BYTES = 200_000;

test('a network is compiled while its weights are still arriving, and not once more', async () => {
  let response: ServerResponse | undefined;
  const server = createServer((_, answer) => {
    response = answer;
    answer.writeHead(200).write(weights.subarray(0, HEAD_BYTES));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/classifier.safetensors`;
  const engine = await Engine.create({ gpu: await createNodeGpu() });
  const made = vi.spyOn(engine.device, 'createComputePipelineAsync');
  const labels = (): string[] => made.mock.calls.map(([{ label }]) => label!);
  try {
    const loading = ImageClassifier.load(engine, url);
    await vi.waitFor(() => expect(labels().some((label) => label.startsWith('softmax'))).toBe(true), 120_000);
    const ahead = labels();
    response!.end(weights.subarray(HEAD_BYTES));
    const classifier = await loading;
    // Only a picture's way in was not known from the head.
    expect(
      labels()
        .slice(ahead.length)
        .every((label) => label.startsWith('picture')),
    ).toBe(true);
    expect(new Set(labels()).size).toBe(labels().length);
    const size = 8;
    const picture = { data: new Uint8Array(4 * size * size).fill(128), width: size, height: size };
    const scores = await classifier.scores(picture);
    // What they lack to 1 says that the picture shows nothing known.
    const sum = scores.reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(1 + 1e-4);
    expect(new Set(scores).size).toBeGreaterThan(1);
  } finally {
    engine.dispose();
    server.closeAllConnections();
    server.close();
  }
});

test('a network that lacks what its task reads is refused when it is loaded', async () => {
  const engine = await Engine.create({ gpu: await createNodeGpu() });
  const spec = { size: [4, 4], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const network = (channels: number, output: string) => {
    const builder = new GraphBuilder('own');
    const [many] = builder.add('tile', [builder.input('picture', [1, 3, 4, 4])], { repeats: [1, channels / 3, 1, 1] });
    const window = {
      kernel: [1, 1],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
      ceilMode: false,
    } as const;
    return builder.build(builder.add('max-pool2d', [many], window, output));
  };
  const segmenter = (channels: number, output: string) =>
    ImageSegmenter.load(engine, { task: 'segment', graph: network(channels, output), labels: [], spec });
  await expect(segmenter(3, 'mask')).rejects.toThrow(
    new ArgumentError(
      'network "own" must have an output "logits" [1, classes, h, w] with at most 256 classes to segment, got outputs mask',
    ),
  );
  await expect(segmenter(258, 'logits')).rejects.toThrow('to segment, got [1, 258, 4, 4]');
  const classifier = { task: 'classify', graph: network(3, 'probabilities'), labels: [], spec } as const;
  await expect(ImageClassifier.load(engine, classifier)).rejects.toThrow(
    'must have an output "probabilities" [1, classes] to classify, got [1, 3, 4, 4]',
  );
  (await segmenter(255, 'logits')).dispose();
  engine.dispose();
});
