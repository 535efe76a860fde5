import { sizeOf } from '../tensor';
import type { Head, NetworkFacts, OutputInfo } from './head';
import { isFloat } from './head';
import { activationOf } from './origin';
import { RANGES, USUAL } from './usual';

/** One score for each class: `[C]`, `[1, C]`, `[1, C, 1, 1]` and the like. */
export const classes: Head = {
  name: 'classes',
  task: 'classify',
  reads: 'one score for each class, [1, C]',
  recognise(network) {
    const output = scoresOf(network);
    if (!output) return undefined;
    const count = sizeOf(output.shape);
    const found = activationOf(network.graph, output.name) ? 'none' : count === 1 ? 'sigmoid' : 'softmax';
    const { activation = found } = network.options;
    return {
      classes: count,
      usual: usualOf(network),
      append(net) {
        const last = activation === 'none' ? 'probabilities' : undefined;
        const scores = net.reshape(net.own(output.name), [1, count], last);
        if (activation === 'sigmoid') return [net.unary('sigmoid', scores, 'probabilities')];
        return [activation === 'softmax' ? net.softmax(scores, 1, 'probabilities') : scores];
      },
    };
  },
};

function scoresOf({ outputs }: NetworkFacts): OutputInfo | undefined {
  const vectors = outputs.filter((o) => isFloat(o) && o.shape.filter((d) => d !== 1).length <= 1 && o.shape.length > 0);
  // Numbers that describe a picture are no scores of classes.
  return vectors.find(({ name }) => /logit|prob|score|class/i.test(name)) ?? vectors.find((o) => !isEmbedding(o));
}

export const isEmbedding = ({ name }: OutputInfo): boolean => /embed|feature|pool/i.test(name);

function usualOf({ channelsLast, metadata }: NetworkFacts) {
  // Ultralytics' classifiers see the middle in 0..1.
  if (metadata.has('imgsz')) return { ...USUAL.imagenet, ...RANGES.unit, keep: 1 };
  return channelsLast ? USUAL.keras : USUAL.imagenet;
}
