import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { DisposedError } from '../../src/errors';
import { GraphBuilder } from '../../src/graph/builder';
import { ImageClassifier } from '../../src/tasks/image-classifier';
import { LiveView } from '../../src/tasks/live-view';

/** What of a live view needs no canvas. */

let engine: Engine;
let classifier: ImageClassifier;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
  const builder = new GraphBuilder('means');
  const [means] = builder.add('global-pool2d', [builder.input('picture', [1, 3, 4, 4])], { fn: 'mean' });
  const graph = builder.build(builder.add('reshape', [means], { shape: [1, 3] }, 'probabilities'));
  const spec = { size: [4, 4], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  classifier = await ImageClassifier.load(engine, { task: 'classify', graph, labels: ['r', 'g', 'b'], spec });
  vi.stubGlobal('navigator', { gpu: { getPreferredCanvasFormat: () => 'bgra8unorm' } });
});
afterAll(() => {
  vi.unstubAllGlobals();
  engine?.dispose();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A frame that has to be made a bitmap first, as video has in Firefox. */
class FakeVideoFrame {
  readonly displayWidth = 2;
  readonly displayHeight = 2;
}

function stubBitmaps() {
  const bitmap = { data: new Uint8Array(16).fill(255), width: 2, height: 2, close: vi.fn() };
  let decoded = (): void => {};
  vi.stubGlobal('VideoFrame', FakeVideoFrame);
  vi.stubGlobal(
    'createImageBitmap',
    () =>
      new Promise((resolve) => {
        decoded = () => resolve(bitmap);
      }),
  );
  return { bitmap, decoded: () => decoded() };
}

const frame = new FakeVideoFrame() as unknown as VideoFrame;

test('a frame is answered in numbers, and its copy given back', async () => {
  const live = await LiveView.create({ classifier });
  const { bitmap, decoded } = stubBitmaps();
  const shown = live.show(frame, { numbers: true });
  decoded();
  expect((await shown)!.classifier).toEqual(Float32Array.of(1, 1, 1));
  expect(bitmap.close).toHaveBeenCalledTimes(1);
  live.dispose();
});

test('a view that is disposed of while a frame is on its way says so, and gives the frame back', async () => {
  const live = await LiveView.create({ classifier });
  const { bitmap, decoded } = stubBitmaps();
  const shown = live.show(frame);
  live.dispose();
  decoded();
  await expect(shown).rejects.toThrow(DisposedError);
  expect(bitmap.close).toHaveBeenCalledTimes(1);
  await expect(live.show({ data: bitmap.data, width: 2, height: 2 } as never)).rejects.toThrow(
    'live view was disposed',
  );
});

test('a run ends when its view is disposed of, though the video has no more frames', async () => {
  const live = await LiveView.create({ classifier });
  const video = { videoWidth: 2, videoHeight: 2, requestVideoFrameCallback: vi.fn() };
  const run = live.run(video as unknown as HTMLVideoElement);
  expect(video.requestVideoFrameCallback).toHaveBeenCalledTimes(1);
  live.dispose();
  await run;
}, 5000);
