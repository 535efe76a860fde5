import { type Engine, paletteColor, type RawPicture } from '../../src';
import { byId, milliseconds, percent, sized } from '../dom';
import { countClasses, readable } from '../drawing';
import type { ClassMap } from '../masks';
import { messageOf } from '../notices';
import { firstCentres, kMeans } from './k-means';
import { type KMeansResult, kMeansOnGpu, otsuOnGpu } from './on-gpu';
import { otsu } from './otsu';

const ROUNDS = 12;
const DARK = [24, 32, 40];
const BRIGHT = [244, 244, 240];

/** Segments a picture by brightness and by colour, on the GPU, or without one by the references. */
export async function showClassical(engine: Engine | undefined, picture: RawPicture, clusters: number): Promise<void> {
  try {
    await showOtsu(engine, picture);
    await showKMeans(engine, picture, clusters);
  } catch (error) {
    byId('k-means-text').textContent = messageOf(error);
  }
}

async function showOtsu(engine: Engine | undefined, picture: RawPicture): Promise<void> {
  const { result, time } = await timed(engine, 'otsu', async () =>
    engine ? otsuOnGpu(await engine.connection(), picture) : otsu(picture),
  );
  paint('otsu', picture, result.labels, [DARK, BRIGHT]);
  byId('otsu-text').textContent = `splits brightness at ${result.threshold} of 255.${time}`;
}

/** Shows the clusters of the picture's colours, each in its mean colour. */
export async function showKMeans(engine: Engine | undefined, picture: RawPicture, clusters: number): Promise<void> {
  const { result, time } = await timed(
    engine,
    'k-means',
    async (): Promise<KMeansResult> =>
      engine
        ? kMeansOnGpu(await engine.connection(), picture, firstCentres(picture, clusters), ROUNDS)
        : kMeans(picture, clusters, ROUNDS),
  );
  paint('k-means', picture, result.labels, result.centres);
  byId('k-means-text').textContent = `gathers colours around ${clusters} means.${time}`;
}

/** The methods that have run on the current device, so that their shaders are compiled. */
let warm: { device: GPUDevice | undefined; names: Set<string> } | undefined;

/** Runs a method and returns its time as text; no time for the first run on a device, which compiles shaders. */
async function timed<T>(engine: Engine | undefined, name: string, run: () => Promise<T>) {
  if (!warm || warm.device !== engine?.device) warm = { device: engine?.device, names: new Set() };
  const isFirst = !warm.names.has(name) && engine !== undefined;
  warm.names.add(name);
  const start = performance.now();
  const result = await run();
  return { result, time: isFirst ? '' : ` ${milliseconds(performance.now() - start)}` };
}

/** Shows the segmenter's classes beside the two, each class in its colour. */
export function showLearned(mask: ClassMap): void {
  const { classes, labels } = mask;
  paint('learned', mask, classes, [DARK, ...labels.slice(1).map((_, i) => paletteColor(i + 1))]);
  const named = [...countClasses(classes)].map(
    ([index, n]) => `${readable(labels[index])} ${percent(n / classes.length)}`,
  );
  byId('learned-text').textContent =
    named.length > 0 ? `names the pixels: ${named.join(', ')}.` : 'sees background only.';
}

/** Paints every pixel in the colour of its label. */
function paint(
  id: string,
  { width, height }: Pick<RawPicture, 'width' | 'height'>,
  labels: Uint8Array | Uint32Array,
  colors: readonly (readonly number[])[],
): void {
  const context = sized(byId<HTMLCanvasElement>(id), width, height);
  const pixels = context.createImageData(width, height);
  // A pixel is one number: there are half a million.
  const palette = new Uint32Array(new Uint8ClampedArray(colors.flatMap((color) => [...color, 255])).buffer);
  const words = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = palette[labels[i]];
  context.putImageData(pixels, 0, 0);
}
