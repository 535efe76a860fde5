import { type Engine, paletteColor, type RawPicture, type SegmentationMask } from '../../src';
import { byId, milliseconds, percent, sized } from '../dom';
import { countClasses, readable } from '../drawing';
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
  paint('otsu', picture, (i) => (result.labels[i] ? BRIGHT : DARK));
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
  paint('k-means', picture, (i) => result.centres[result.labels[i]]);
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
export function showLearned(mask: SegmentationMask): void {
  const { classes, labels } = mask;
  paint('learned', mask, (i) => (classes[i] === 0 ? DARK : paletteColor(classes[i])));
  const named = [...countClasses(classes)].map(
    ([index, n]) => `${readable(labels[index])} ${percent(n / classes.length)}`,
  );
  byId('learned-text').textContent =
    named.length > 0 ? `names the pixels: ${named.join(', ')}.` : 'sees background only.';
}

function paint(
  id: string,
  { width, height }: Pick<RawPicture, 'width' | 'height'>,
  colorOf: (pixel: number) => readonly number[],
): void {
  const context = sized(byId<HTMLCanvasElement>(id), width, height);
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    pixels.data.set(colorOf(i), i * 4);
    pixels.data[i * 4 + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
