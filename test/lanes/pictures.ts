// Tests every kind of picture that a browser has, on the page and in a worker.

import { compareTensors, type Tolerance } from '../../src/compare-tensors';
import { Engine } from '../../src/engine';
import { GraphBuilder } from '../../src/graph/builder';
import { NO_ACTIVATION } from '../../src/operators/epilogue';
import type { PictureSpec } from '../../src/picture';
import { pictureToTensor } from '../../src/reference/picture';
import type { Picture } from '../../src/tasks/picture';
import { PictureModel } from '../../src/tasks/picture-model';
import type { Check } from './check';
import type { WorkerReport } from './pictures-worker';

const [WIDTH, HEIGHT] = [64, 48];
const spec: PictureSpec = { size: [12, 16], fit: 'squash', mean: [0, 0, 0], std: [1, 1, 1] };

/** Colours that change slowly in both directions, as a video may blur them. */
const pattern = Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => {
  const [x, y] = [Math.floor(i / 4) % WIDTH, Math.floor(i / 4 / WIDTH)];
  return [40 + 3 * x, 220 - 3 * y, 60 + x + 2 * y, 255][i % 4];
});
const imageData = (): ImageData => new ImageData(new Uint8ClampedArray(pattern), WIDTH, HEIGHT);

function canvas(): HTMLCanvasElement {
  const made = document.createElement('canvas');
  [made.width, made.height] = [WIDTH, HEIGHT];
  made.getContext('2d')!.putImageData(imageData(), 0, 0);
  return made;
}

function offscreenCanvas(): OffscreenCanvas {
  const made = new OffscreenCanvas(WIDTH, HEIGHT);
  made.getContext('2d')!.putImageData(imageData(), 0, 0);
  return made;
}

const blob = (): Promise<Blob> => offscreenCanvas().convertToBlob({ type: 'image/png' });

async function image(): Promise<HTMLImageElement> {
  const made = new Image();
  made.src = URL.createObjectURL(await blob());
  return made;
}

/** A video of a canvas. It has its first frame once the canvas is drawn to. */
async function video(): Promise<HTMLVideoElement> {
  const filmed = canvas();
  const made = document.createElement('video');
  made.muted = true;
  made.srcObject = filmed.captureStream();
  const drawing = setInterval(() => filmed.getContext('2d')!.putImageData(imageData(), 0, 0), 30);
  try {
    await made.play();
    await new Promise((resolve) => made.requestVideoFrameCallback(resolve));
  } finally {
    clearInterval(drawing);
  }
  return made;
}

/** Values are in 0..1, rounded to float32. */
const EXACT: Tolerance = { absolute: 2e-5 };
/** Video stores 8-bit luma, and 8-bit chroma for four pixels together; then colours are rounded to 8 bits again. */
const FILMED: Tolerance = { absolute: 0.03 };

const KINDS: readonly { name: string; make: () => Picture | Promise<Picture>; tolerance: Tolerance }[] = [
  { name: 'HTMLVideoElement', make: video, tolerance: FILMED },
  { name: 'VideoFrame', make: () => new VideoFrame(canvas(), { timestamp: 0 }), tolerance: FILMED },
  { name: 'HTMLImageElement', make: image, tolerance: EXACT },
  { name: 'HTMLCanvasElement', make: canvas, tolerance: EXACT },
  { name: 'OffscreenCanvas', make: offscreenCanvas, tolerance: EXACT },
  { name: 'ImageBitmap', make: () => createImageBitmap(imageData()), tolerance: EXACT },
  { name: 'ImageData', make: imageData, tolerance: EXACT },
  { name: 'Blob', make: blob, tolerance: EXACT },
  { name: '{ data, width, height }', make: () => ({ data: pattern, width: WIDTH, height: HEIGHT }), tolerance: EXACT },
];

/** A network that returns its picture, negated. Made on first use. */
let echo: Promise<PictureModel> | undefined;

async function makeEcho(): Promise<PictureModel> {
  const builder = new GraphBuilder('echo');
  const x = builder.input('picture', [1, 3, ...spec.size]);
  const outputs = builder.add('unary', [x], { ...NO_ACTIVATION, fn: 'neg' }, 'y');
  return PictureModel.load(await Engine.create(), builder.build(outputs), spec);
}

/** The network, without waiting where it is made already. */
export async function echoNetwork(): Promise<PictureModel> {
  echo ??= makeEcho();
  return echo;
}

async function compare(picture: Picture, tolerance: Tolerance): Promise<string | undefined> {
  const { outputs, placement } = await (await echoNetwork()).run(picture);
  const { width, height } = placement;
  if (width !== WIDTH || height !== HEIGHT) return `it has ${width} × ${height} pixels, not ${WIDTH} × ${HEIGHT}`;
  const { shape, data } = pictureToTensor({ data: pattern, width, height }, spec);
  const { mismatch } = compareTensors(outputs.get('y')!, { shape, data: data.map((value) => -value) }, tolerance);
  return mismatch && `the picture ${mismatch}`;
}

/** Runs pictures-worker.ts. */
function inWorker(): Promise<string | undefined> {
  const worker = new Worker(new URL('./pictures-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<string | undefined>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => resolve(data.failure);
    worker.onerror = (event) => reject(new Error(event.message));
  }).finally(() => worker.terminate());
}

export const pictureChecks: readonly Check[] = [
  ...KINDS.map(
    ({ name, make, tolerance }): Check => ({
      name: `a picture may be a ${name}`,
      kind: 'picture check',
      run: async () => compare(await make(), tolerance),
    }),
  ),
  {
    name: 'a worker segments pictures and draws video on an OffscreenCanvas',
    kind: 'picture check',
    run: inWorker,
  },
];
