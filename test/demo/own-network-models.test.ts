import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Detecting, withDetections } from '../../demo/own-network/detections';
import { importNetwork, readNetworkFile } from '../../demo/own-network/file';
import { maskOf, probabilities } from '../../demo/own-network/masks';
import { type Reading, readingsOf } from '../../demo/own-network/outputs';
import { type Preparation, placementSpec, prepare, RANGES, usualPreparation } from '../../demo/own-network/preparation';
import { PUBLIC_NETWORKS } from '../../demo/own-network/public-networks';
import { aboveThreshold, type Tensor } from '../../src';
import { readPicture } from '../../src/cli/picture';
import { placePicture, type RawPicture } from '../../src/picture';
import { runReference } from '../../src/reference';
import { toDetections } from '../../src/tasks/object-detector';
import { runOnnxRuntime } from '../support/onnx-runtime';
import { PUBLISHED_COPIES } from '../support/published-networks';
import { shared } from '../support/shared';

const folder = shared('onnx/models');
const modelPath = (file: string): string => `${folder}/${file}`;

interface Answer {
  readonly picture: RawPicture;
  readonly preparation: Preparation;
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly reading: Reading;
  readonly labels: readonly string[];
  /** The network with the library's boxes, whose nodes come behind so many of its own. */
  readonly detecting: Detecting | undefined;
  readonly nodeCount: number;
}

/** What the page does with a network and a picture, ONNX Runtime computing the network itself. */
async function answer(
  file: string,
  pictureFile: string,
  choice: Partial<Preparation> = {},
  names: readonly string[] = [],
): Promise<Answer> {
  const bytes = readFileSync(modelPath(file));
  const network = await readNetworkFile(file, bytes);
  const preparation = { ...usualPreparation(network.picture, network.dtype), ...choice };
  const { graph } = await importNetwork(network, preparation);
  const picture = await readPicture(modelPath(pictureFile));
  const outputs = await runOnnxRuntime(bytes, { [network.input]: prepare(picture, preparation, network.dtype) });
  const labels = network.labels ?? names;
  const detecting = withDetections(graph, preparation, network.metadata, labels);
  const [height, width] = preparation.size;
  const infos = graph.outputs.map((name) => ({ name, ...graph.values.get(name)! }));
  const colours = preparation.channels === 'grey' ? 1 : 3;
  const [reading] = readingsOf(infos, { height, width, colours }, detecting !== undefined);
  return { picture, preparation, outputs, reading, labels, detecting, nodeCount: graph.nodes.length };
}

async function published(name: string, picture: string): Promise<Answer> {
  const network = PUBLIC_NETWORKS.find((each) => each.name === name)!;
  return answer(PUBLISHED_COPIES[name], picture, network.preparation, network.labels);
}

/** What is found, best first: the library's nodes on the outputs that ONNX Runtime computed. */
function things({ reading, preparation, picture, labels, outputs, detecting, nodeCount }: Answer, threshold: number) {
  if (reading.kind !== 'boxes' || !detecting) throw new Error(`read as ${reading.kind}`);
  const { graph } = detecting;
  const decoding = {
    ...graph,
    nodes: graph.nodes.slice(nodeCount),
    inputs: [...outputs.keys()],
    outputs: ['detections'],
  };
  const rows = runReference(decoding, Object.fromEntries(outputs)).get('detections')!.data as Float32Array;
  const placement = placePicture(picture.width, picture.height, placementSpec(preparation));
  return aboveThreshold(toDetections(rows, detecting.labels(labels), placement), { threshold });
}

/** The share of the picture that is of a class. */
function share({ reading, outputs, picture, preparation }: Answer, index: number): number {
  if (reading.kind !== 'mask') throw new Error(`read as ${reading.kind}`);
  const mask = maskOf(outputs.get(reading.output)!, reading.image, picture, placementSpec(preparation), 0.5);
  return mask.filter((c) => c === index).length / mask.length;
}

it('the published networks lie at a commit, with a digest, a licence and a source', () => {
  expect(Object.keys(PUBLISHED_COPIES)).toEqual(PUBLIC_NETWORKS.map(({ name }) => name));
  for (const { url, sha256, licence, source, bytes } of PUBLIC_NETWORKS) {
    expect(url).toMatch(/^https:\/\/raw\.githubusercontent\.com\/[\w.-]+\/[\w.-]+\/[0-9a-f]{40}\/[\w./-]+\.onnx$/);
    expect(url).toContain(new URL(source).pathname);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(['MIT', 'Apache-2.0']).toContain(licence);
    expect(bytes).toBeGreaterThan(0);
  }
});

describe.skipIf(!folder)('networks by other people on the page', () => {
  const FACES = 'ultraface/sample-2.jpg';
  const PERSON = 'selfie-segmentation/sample-Test.jpg';

  it.each(PUBLIC_NETWORKS)('$name is the file that its digest says', ({ name, sha256, bytes }) => {
    const file = readFileSync(modelPath(PUBLISHED_COPIES[name]));
    expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
    expect(file.length).toBe(bytes);
  });

  it.each(['UltraFace', 'YuNet'])('%s finds the four faces', async (name) => {
    const faces = things(await published(name, FACES), 0.7);
    expect(faces.map(({ label }) => label)).toEqual(['face', 'face', 'face', 'face']);
    const centres = faces.map(({ box }) => Math.round((box.xmin + box.xmax) / 2)).sort((a, b) => a - b);
    expect(new Set(centres).size).toBe(4);
  });

  it('BlazeFace finds the person’s face', async () => {
    const [face, ...others] = things(await published('BlazeFace', PERSON), 0.5);
    expect(others).toEqual([]);
    expect(face.score).toBeGreaterThan(0.9);
    // In the picture's 1920 × 1080 pixels, where UltraFace sees it, too.
    const [theirs] = things(await published('UltraFace', PERSON), 0.7);
    const centre = ({ box }: typeof face): number[] => [(box.xmin + box.xmax) / 2, (box.ymin + box.ymax) / 2];
    for (const [axis, at] of centre(theirs).entries()) expect(Math.abs(centre(face)[axis] - at)).toBeLessThan(80);
  });

  // The scores that the README beside the network has from its makers' own preparation and decoding.
  it.each([
    ['785', { person: 0.89, skis: 0.74 }],
    ['285', { bear: 0.93 }],
    ['139', { tv: 0.9, person: 0.69, chair: 0.66 }],
  ])('YOLOX-nano finds what is on COCO’s picture %s', async (number, expected) => {
    const found = things(await published('YOLOX-nano', `yolox-nano/coco-${number}.jpg`), 0.6);
    const best = new Map(found.toReversed().map(({ label, score }) => [label, score]));
    expect([...best.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [label, score] of Object.entries(expected))
      expect(Math.abs(best.get(label)! - score)).toBeLessThan(0.02);
  });

  it('Selfie segmentation gives the person’s pixels, SINet those of a portrait', async () => {
    const selfie = share(await published('Selfie segmentation', PERSON), 1);
    expect(selfie).toBeGreaterThan(0.25);
    expect(selfie).toBeLessThan(0.35);
    const portrait = share(await published('SINet', PERSON), 1);
    expect(portrait).toBeGreaterThan(selfie);
    expect(portrait).toBeLessThan(0.6);
  });

  it('without a word about them, a classifier and digits are read as classes', async () => {
    const best = ({ reading, outputs }: Answer): number => {
      if (reading.kind !== 'classes') throw new Error(`read as ${reading.kind}`);
      const scores = probabilities(outputs.get(reading.output)!.data);
      return scores.indexOf(Math.max(...scores));
    };
    const names = readFileSync(modelPath('squeezenet1.1/imagenet_classes.txt'), 'utf8').split('\n');
    const pelican = 'squeezenet1.1/pelican.jpeg';
    const squeezenet = await answer('squeezenet1.1/squeezenet1.1.onnx', pelican, RANGES.imagenet);
    expect(names[best(squeezenet)]).toMatch(/pelican/);
    const mobilenet = await answer('mobilenet-v1-0.25/mobilenet_v1_0.25_224.onnx', pelican, RANGES.signed);
    expect(names[best(mobilenet)]).toMatch(/pelican/);
    expect(best(await answer('mnist/mnist-8.onnx', 'mnist/digit-7.jpg', RANGES.bytes))).toBe(7);
  });

  it('a picture for a picture is shown as one', async () => {
    const kinds = async (file: string): Promise<string> => (await answer(file, FACES)).reading.kind;
    expect(await kinds('superres-espcn/superres-espcn.onnx')).toBe('picture');
    expect(await kinds('sed-unet/sed-unet.onnx')).toBe('picture');
  });

  it('boxes without their default boxes are found by those of the library', async () => {
    const ultraface = { mean: [127, 127, 127], std: [128, 128, 128] } as const;
    const answered = await answer('ultraface/ultraface-rfb320-simplified.onnx', FACES, ultraface, ['face']);
    expect(things(answered, 0.7).map(({ label }) => label)).toEqual(['face', 'face', 'face', 'face']);
  });
});
