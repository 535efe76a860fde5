import type { Settings } from './settings';

/** A program that does with the library what the page does under these settings. */
export function snippet({ topK, threshold }: Settings): string {
  return `import { Engine, ImageClassifier, ImageSegmenter, ObjectDetector } from 'fovea';

const engine = await Engine.create();
const classifier = await ImageClassifier.load(engine, 'weights/classifier.safetensors');
const detector = await ObjectDetector.load(engine, 'weights/detector.safetensors');
const segmenter = await ImageSegmenter.load(engine, 'weights/segmenter.safetensors');

const picture = document.querySelector('img');
const labels = await classifier.classify(picture, { topK: ${topK} });
const things = await detector.detect(picture, { threshold: ${threshold} });
const mask = await segmenter.segment(picture);

console.table(labels); // label and score
console.table(things.map(({ label, score, box }) => ({ label, score, ...box }))); // boxes in pixels of the picture
document.querySelector('canvas').getContext('2d').putImageData(mask.toImageData(), 0, 0);
`;
}
