import type { Engine, RawPicture } from '../src';
import { type KMeansResult, kMeansOnGpu, otsuOnGpu } from '../src/gpu/classical';
import { firstCentres, kMeans } from '../src/reference/k-means';
import { otsu } from '../src/reference/otsu';
import { byId, milliseconds, sized } from './dom';
import { messageOf } from './notices';

const ROUNDS = 12;
const DARK = [24, 32, 40];
const BRIGHT = [244, 244, 240];

/** Cuts a picture up by brightness and by colour; on the GPU, or where there is none by the references. */
export async function showClassical(engine: Engine | undefined, picture: RawPicture, clusters: number): Promise<void> {
  try {
    await showOtsu(engine, picture);
    await showKMeans(engine, picture, clusters);
  } catch (error) {
    byId('k-means-text').textContent = messageOf(error);
  }
}

async function showOtsu(engine: Engine | undefined, picture: RawPicture): Promise<void> {
  const start = performance.now();
  const { threshold, labels } = engine ? await otsuOnGpu(await engine.connection(), picture) : otsu(picture);
  const time = milliseconds(performance.now() - start);
  paint('otsu', picture, (i) => (labels[i] ? BRIGHT : DARK));
  byId('otsu-text').textContent = `splits brightness at ${threshold} of 255. ${time}`;
}

/** Clusters of the picture's colours, each in its mean. */
export async function showKMeans(engine: Engine | undefined, picture: RawPicture, clusters: number): Promise<void> {
  const start = performance.now();
  const { centres, labels }: KMeansResult = engine
    ? await kMeansOnGpu(await engine.connection(), picture, firstCentres(picture, clusters), ROUNDS)
    : kMeans(picture, clusters, ROUNDS);
  const time = milliseconds(performance.now() - start);
  paint('k-means', picture, (i) => centres[labels[i]]);
  byId('k-means-text').textContent = `gathers colours around ${clusters} means. ${time}`;
}

function paint(id: string, { width, height }: RawPicture, colorOf: (pixel: number) => readonly number[]): void {
  const context = sized(byId<HTMLCanvasElement>(id), width, height);
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    pixels.data.set(colorOf(i), i * 4);
    pixels.data[i * 4 + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
