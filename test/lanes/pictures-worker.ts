// Tests the task API in a worker: a segmenter that classifies by colour makes a mask and shows it live.

import { Engine } from '../../src/engine';
import { GraphBuilder } from '../../src/graph/builder';
import type { VisionModel } from '../../src/models/vision-model';
import { NO_EPILOGUE } from '../../src/operators/epilogue';
import { ImageSegmenter } from '../../src/tasks/image-segmenter';
import { LiveView } from '../../src/tasks/live-view';
import { paletteColor } from '../../src/tasks/palette';
import { Tensor } from '../../src/tensor';

export interface WorkerReport {
  readonly failure: string | undefined;
}

const SIDE = 64;
const COLOURS = ['#f00', '#0f0', '#00f'] as const;

/** Three stripes of equal width: red, green and blue. */
function stripes(): OffscreenCanvas {
  const canvas = new OffscreenCanvas(3 * SIDE, SIDE);
  const context = canvas.getContext('2d')!;
  for (const [i, colour] of COLOURS.entries()) {
    context.fillStyle = colour;
    context.fillRect(i * SIDE, 0, SIDE, SIDE);
  }
  return canvas;
}

/** The logits of the three classes are the channels themselves: red is background. */
function byColour(): VisionModel {
  const builder = new GraphBuilder('by colour');
  const identity = Tensor.float32([3, 3, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const operands = [
    builder.input('picture', [1, 3, 16, 48]),
    builder.constant('weight', identity),
    builder.constant('bias', Tensor.float32([3])),
  ];
  const attributes = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups: 1 } as const;
  const logits = builder.add('conv2d', operands, { ...NO_EPILOGUE, ...attributes }, 'logits');
  const spec = { size: [16, 48], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] } as const;
  return { task: 'segment', graph: builder.build(logits), labels: ['red', 'green', 'blue'], spec };
}

/** In the middle of each stripe. */
const places = COLOURS.map((_, i) => ({ x: i * SIDE + SIDE / 2, y: SIDE / 2 }));

async function check(): Promise<string | undefined> {
  const engine = await Engine.create();
  const segmenter = await ImageSegmenter.load(engine, byColour());
  const mask = await segmenter.segment(stripes());
  const classes = places.map(({ x, y }) => mask.classes[y * mask.width + x]);
  if (classes.join() !== '0,1,2') return `the stripes have the classes ${classes}, not 0,1,2`;

  const canvas = new OffscreenCanvas(1, 1);
  const live = await LiveView.create({ segmenter }, { mask: canvas });
  const frame = new VideoFrame(stripes(), { timestamp: 0 });
  await live.show(frame, { opacity: 1 });
  frame.close();
  const shown = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')!;
  shown.drawImage(canvas.transferToImageBitmap(), 0, 0);
  // Background shows the frame, the other classes are painted over it.
  const expected = [[255, 0, 0], paletteColor(1), paletteColor(2)];
  const actual = places.map(({ x, y }) => [...shown.getImageData(x, y, 1, 1).data.subarray(0, 3)]);
  const worst = Math.max(...actual.flat().map((value, i) => Math.abs(value - expected.flat()[i])));
  live.dispose();
  segmenter.dispose();
  engine.dispose();
  // A frame of video stores colours as 8-bit luma and chroma.
  return worst <= 8 ? undefined : `the canvas shows ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`;
}

const post = (failure: string | undefined): void => self.postMessage({ failure } satisfies WorkerReport);
check().then(post, (error: unknown) =>
  post(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
);
