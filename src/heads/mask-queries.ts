import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import { copied, NOTHING, withNothing } from './semantic';
import { USUAL } from './usual';

/** Queries' classes `[1, Q, C + 1]`, the last of which is none, beside their masks `[1, Q, h, w]`. */
function queriesOf({ outputs }: NetworkFacts): readonly [classes: OutputInfo, masks: OutputInfo] | undefined {
  const floats = outputs.filter(isFloat);
  for (const masks of floats.filter((output) => isRank(output, 4) && /mask/i.test(output.name))) {
    const classes = floats.find(
      (output) => isRank(output, 3) && output.shape[1] === masks.shape[1] && /class|logit/i.test(output.name),
    );
    if (classes) return [classes, masks];
  }
  return undefined;
}

/**
 * MaskFormer and Mask2Former (Cheng et al. 2021, "Per-pixel classification is not all you need", section 3.4): each query has a
 * mask and a class. A pixel's score of a class is the sum over queries of both probabilities.
 */
export const maskQueries: Head = {
  name: 'mask-queries',
  task: 'segment',
  reads: 'classes [1, Q, C + 1] and masks [1, Q, h, w] of queries (MaskFormer, Mask2Former)',
  recognise(network) {
    const found = queriesOf(network);
    if (!found) return undefined;
    const [scores, masks] = found;
    const [, queries, h, w] = masks.shape;
    const classes = scores.shape[2] - 1;
    const { labels } = network;
    const hasNothing = labels !== undefined && NOTHING.test(labels[0]);
    return {
      classes: classes + (hasNothing ? 0 : 1),
      background: true,
      usual: USUAL.imagenetWhole,
      append(net) {
        const ofQueries = net.slice(net.softmax(net.own(scores.name), 2), 2, 0, classes);
        const inside = net.reshape(net.unary('sigmoid', net.own(masks.name)), [1, queries, h * w]);
        const [map] = net.add('matmul', [net.transpose(ofQueries, [0, 2, 1]), inside], {});
        const scored = net.reshape(map, [1, classes, h, w]);
        return [hasNothing ? copied(net, scored) : withNothing(net, scored)];
      },
    };
  },
};
