import { ImageClassifier, topLabels } from '../../src';
import { byId } from '../dom';
import { labelBars } from '../drawing';
import { defineCard } from './card';

export const classify = defineCard({
  task: ImageClassifier,
  file: 'classifier.safetensors',
  network: 'Classifier',
  question: 'What is it?',
  uses: () => ['topK'],
  list(scores, { topK }, labels) {
    byId('labels').replaceChildren(...labelBars(topLabels(scores ?? new Float32Array(), labels, { topK })));
  },
  summary: (scores, _, labels) => topLabels(scores, labels, { topK: 5 }),
});
