import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ImageClassifier } from '../../src/tasks/image-classifier';

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
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
    expect(Math.max(...scores)).toBeGreaterThan(1 / scores.length);
  } finally {
    engine.dispose();
    server.closeAllConnections();
    server.close();
  }
});
