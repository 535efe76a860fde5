// Pictures that browsers hand out in other ways than the plain ones: deep, transparent, wide, with colour profiles.

import type { Picture } from '../../src/tasks/picture';
import type { Check } from './check';
import { echoNetwork } from './pictures';

type Colour = readonly [number, number, number];

const [WIDTH, HEIGHT] = [32, 24];
const RED: Colour = [200, 30, 40];

/** The colour in the middle of a picture as a network sees it, in 0..255, and the picture's size. */
async function look(picture: Picture): Promise<{ colour: number[]; size: string }> {
  return looked((await echoNetwork()).run(picture));
}

async function looked(run: ReturnType<Awaited<ReturnType<typeof echoNetwork>>['run']>) {
  const { outputs, placement } = await run;
  const { data, shape } = outputs.get('y')!;
  const plane = shape[2] * shape[3];
  const colour = [0, 1, 2].map((c) => Math.round(-255 * data[c * plane + plane / 2 + shape[3] / 2]));
  return { colour, size: `${placement.width} × ${placement.height}` };
}

const isNear = (a: readonly number[], b: readonly number[]): boolean => a.every((v, i) => Math.abs(v - b[i]) <= 2);

async function expectColour(picture: Picture, expected: readonly number[], what = 'it'): Promise<string | undefined> {
  const { colour } = await look(picture);
  return isNear(colour, expected) ? undefined : `${what} is seen as ${colour}, not ${expected}`;
}

function drawn(style: string, settings: CanvasRenderingContext2DSettings = {}, width = WIDTH): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, HEIGHT);
  const context = canvas.getContext('2d', settings)!;
  context.fillStyle = style;
  context.fillRect(0, 0, width, HEIGHT);
  return canvas;
}

const rgb = (colour: Colour): string => `rgb(${colour.join(' ')})`;

async function imageOf(file: Blob): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  return image;
}

/** A chunk of a PNG with its length and checksum (the PNG specification, section 5.3 and annex D). */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  let crc = 0xffffffff;
  for (const byte of bytes.subarray(4, 8 + data.length)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  view.setUint32(8 + data.length, ~crc >>> 0);
  return bytes;
}

/** A PNG of one colour. @param gamma as its gAMA chunk says */
async function png(bits: 8 | 16, gamma?: number): Promise<Blob> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, WIDTH);
  view.setUint32(4, HEIGHT);
  header.set([bits, 2], 8);
  const pixel = RED.flatMap((value) => (bits === 16 ? [value, value] : [value]));
  const rows = Array.from({ length: HEIGHT }, () => [0, ...Array.from({ length: WIDTH }, () => pixel).flat()]).flat();
  const packed = new Blob([Uint8Array.from(rows)]).stream().pipeThrough(new CompressionStream('deflate'));
  const gammaBytes = new Uint8Array(4);
  new DataView(gammaBytes.buffer).setUint32(0, Math.round((gamma ?? 0) * 100_000));
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(gamma === undefined ? [] : [chunk('gAMA', gammaBytes)]),
    chunk('IDAT', new Uint8Array(await new Response(packed).arrayBuffer())),
    chunk('IEND', new Uint8Array()),
  ];
  return new Blob(parts as Uint8Array<ArrayBuffer>[], { type: 'image/png' });
}

/** One file, however it comes in, is seen as it is on a canvas. */
async function oneAnswer(file: Blob): Promise<string | undefined> {
  const image = await imageOf(file);
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  canvas.getContext('2d')!.drawImage(image, 0, 0);
  const { colour } = await look(canvas);
  const ways: readonly [string, Picture][] = [
    ['the Blob', file],
    ['the image', image],
    ['the bitmap of the Blob', await createImageBitmap(file)],
    ['the bitmap of the image', await createImageBitmap(image)],
  ];
  for (const [name, picture] of ways) {
    const failure = await expectColour(picture, colour, name);
    if (failure) return failure;
  }
  return undefined;
}

const check = (name: string, run: Check['run']): Check => ({ name, kind: 'picture check', run });

export const oddPictureChecks: readonly Check[] = [
  check('a file with 16 bits a channel gives one answer', async () => {
    const file = await png(16);
    return (await oneAnswer(file)) ?? expectColour(file, RED);
  }),
  check('a file with a gamma of its own gives one answer', async () => {
    const file = await png(8, 1);
    // 255 · (1.055 (v / 255)^(1/2.4) - 0.055): from linear light to sRGB.
    return (await oneAnswer(file)) ?? expectColour(file, [229, 96, 110]);
  }),
  check('a file with a colour profile gives one answer', async () => {
    const canvas = drawn('color(display-p3 0.6 0.3 0.3)', { colorSpace: 'display-p3' });
    return oneAnswer(await canvas.convertToBlob({ type: 'image/png' }));
  }),
  check('ImageData in Display P3 are seen in sRGB', async () => {
    const settings = { colorSpace: 'display-p3' } as const;
    const canvas = drawn(rgb(RED), settings);
    return expectColour(canvas.getContext('2d', settings)!.getImageData(0, 0, WIDTH, HEIGHT), RED);
  }),
  check('a transparent VideoFrame is seen over white', async () => {
    const canvas = drawn('rgb(200 30 40 / 50%)');
    const frame = new VideoFrame(canvas, { timestamp: 0, alpha: 'keep' });
    const failure = await expectColour(frame, (await look(canvas)).colour);
    frame.close();
    return failure;
  }),
  check('a canvas without a context is an ArgumentError at once, or blank where the browser reads it', async () => {
    const start = performance.now();
    const seen = await look(document.createElement('canvas')).catch((error: unknown) => error as Error);
    const timeMs = performance.now() - start;
    const isError = seen instanceof Error;
    const isRight = isError
      ? seen.name === 'ArgumentError' && seen.message.includes('context')
      : isNear(seen.colour, [255, 255, 255]);
    return isRight && timeMs < 1000 ? undefined : `${isError ? seen : seen.colour} after ${timeMs} ms`;
  }),
  check('the picture is that of the moment of the call', async () => {
    const network = await echoNetwork();
    const canvas = drawn(rgb(RED));
    const bitmap = await createImageBitmap(canvas);
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    const data = canvas.getContext('2d')!.getImageData(0, 0, WIDTH, HEIGHT);
    const runs = [canvas, bitmap, frame, data].map((picture) => looked(network.run(picture)));
    canvas.getContext('2d')!.clearRect(0, 0, WIDTH, HEIGHT);
    bitmap.close();
    frame.close();
    data.data.fill(0);
    const seen = await Promise.all(runs);
    const wrong = seen.find(({ colour }) => !isNear(colour, RED));
    return wrong && `it is seen as ${wrong.colour}`;
  }),
  check('a closed picture says that it is', async () => {
    const bitmap = await createImageBitmap(drawn(rgb(RED)));
    bitmap.close();
    const error = await look(bitmap).catch((error: unknown) => error);
    return String(error).includes('closed') ? undefined : String(error);
  }),
  check('a picture that is wider than a texture may be is made smaller', async () => {
    const canvas = drawn(rgb(RED), {}, 9000);
    for (const picture of [
      canvas,
      await canvas.convertToBlob(),
      canvas.getContext('2d')!.getImageData(0, 0, 9000, HEIGHT),
    ]) {
      const { colour, size } = await look(picture);
      if (size !== `9000 × ${HEIGHT}` || !isNear(colour, RED)) return `${picture} is seen as ${colour}, ${size}`;
    }
    return undefined;
  }),
];
