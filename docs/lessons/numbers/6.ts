import { kMeans } from '../../../demo/classical/k-means';
import { otsu } from '../../../demo/classical/otsu';
import type { RawPicture } from '../../../src/picture';
import { runReference } from '../../../src/reference';
import { pictureToTensor } from '../../../src/reference/picture';
import { type Blocks, tableOf } from './blocks';

import { network, photograph } from './networks';

const SIDE = 128;
type Color = readonly [red: number, green: number, blue: number];

interface Scene {
  readonly name: string;
  color(x: number, y: number, isDisc: boolean): Color;
}

const isDisc = (x: number, y: number): boolean => (x - 64) ** 2 + (y - 64) ** 2 < 40 ** 2;

/** Discs whose pixels are known, so that a cut can be held to the truth. */
const SCENES: readonly Scene[] = [
  { name: 'dark disc on a bright ground', color: (_x, _y, disc) => (disc ? [60, 60, 60] : [200, 200, 200]) },
  { name: 'the same under light from the left', color: (x, _y, disc) => grey((disc ? 60 : 200) * (1.2 - x / 130)) },
  {
    name: 'red disc on a blue ground, equally bright',
    color: (_x, _y, disc) => (disc ? [200, 50, 60] : [60, 102, 160]),
  },
  {
    name: 'checked disc on a grey ground',
    color: (x, y, disc) => (disc ? grey(((x >> 3) + (y >> 3)) & 1 ? 60 : 200) : [130, 130, 130]),
  },
];

const grey = (level: number): Color => [level, level, level];

function draw({ color }: Scene): RawPicture {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4).fill(255);
  for (let y = 0; y < SIDE; y++) for (let x = 0; x < SIDE; x++) data.set(color(x, y, isDisc(x, y)), (y * SIDE + x) * 4);
  return { data, width: SIDE, height: SIDE };
}

/** Intersection over union of the thing with the better of two regions: a cut does not say which one is the thing. */
function overlap(labels: Uint32Array, isThing: (pixel: number) => boolean): number {
  const of = (region: number): number => {
    let [both, either] = [0, 0];
    for (const [pixel, label] of labels.entries()) {
      const [a, b] = [label === region, isThing(pixel)];
      if (a && b) both++;
      if (a || b) either++;
    }
    return both / either;
  };
  return Math.max(of(0), of(1));
}

/** How well a threshold and a clustering cut things out that are known, and an elephant beside the network. */
export async function blocks(): Promise<Blocks> {
  const rows = SCENES.map((scene) => {
    const picture = draw(scene);
    const truth = (pixel: number): boolean => isDisc(pixel % SIDE, Math.floor(pixel / SIDE));
    return [
      scene.name,
      overlap(otsu(picture).labels, truth).toFixed(2),
      overlap(kMeans(picture, 2, 8).labels, truth).toFixed(2),
    ];
  });
  return {
    'numbers: scenes': tableOf(['Picture', 'Otsu', 'k-means, 2 clusters'], rows),
    'numbers: elephant': await elephant(),
  };
}

async function elephant(): Promise<string> {
  const { graph, spec, labels } = network('segmenter');
  const picture = await photograph('elephant');
  const logits = runReference(graph, { image: pictureToTensor(picture, spec) }).get(graph.outputs[0])!;
  const [, classes, height, width] = logits.shape;
  const label = labels.indexOf('elephant');
  // The network's pixel under a pixel of the picture, which is squashed to a square.
  const isElephant = (pixel: number): boolean => {
    const x = Math.floor(((pixel % picture.width) * width) / picture.width);
    const y = Math.floor((Math.floor(pixel / picture.width) * height) / picture.height);
    const scores = Array.from({ length: classes }, (_, c) => logits.data[(c * height + y) * width + x]);
    return scores.indexOf(Math.max(...scores)) === label;
  };
  const pixels = picture.width * picture.height;
  const share = Array.from({ length: pixels }, (_, pixel) => isElephant(pixel)).filter(Boolean).length / pixels;
  return tableOf(
    ['Way', 'What it says', 'Overlap with the network’s elephant'],
    [
      ['U-Net', `${(share * 100).toFixed(0)} % of the pixels are elephant`, '1'],
      ['Otsu', `dark up to ${otsu(picture).threshold}`, overlap(otsu(picture).labels, isElephant).toFixed(2)],
      ['k-means', 'two mean colours', overlap(kMeans(picture, 2, 8).labels, isElephant).toFixed(2)],
    ],
  );
}
