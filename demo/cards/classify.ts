import { type Classification, ImageClassifier, topLabels } from '../../src';
import { byId, make, percent } from '../dom';
import { knowsOnly, labelBars, readable } from '../drawing';
import { defineCard } from './card';

/** A label below this score is no answer: most likely the thing is none that the network knows. */
const LIKELY = 0.1;

export const classify = defineCard({
  task: ImageClassifier,
  file: 'classifier.safetensors',
  network: 'Classifier',
  question: 'What is it?',
  uses: () => ['topK'],
  list(scores, { topK }, labels) {
    const top = topLabels(scores ?? new Float32Array(), labels, { topK });
    const isUnknown = top.length > 0 && top[0].score < LIKELY;
    byId('labels').replaceChildren(...(isUnknown ? [unknown(top, labels)] : labelBars(top)));
  },
  summary: (scores, _, labels) => topLabels(scores, labels, { topK: 5 }),
});

function unknown(top: readonly Classification[], labels: readonly string[]): HTMLElement {
  const nearest = top.map(({ label, score }) => `${readable(label)} ${percent(score)}`).join(', ');
  const said = `Nothing that it knows reaches ${percent(LIKELY)} here. Nearest: ${nearest}.`;
  return make('li', { class: 'empty' }, knowsOnly(labels, said));
}
