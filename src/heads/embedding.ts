import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import { USUAL } from './usual';

/**
 * Numbers that describe a picture: a vector `[1, D]`; of a transformer's tokens `[1, T, D]` the first, which stands for
 * the whole; of feature maps `[1, D, H, W]` the mean. Of length 1 in the end, so that a product tells how alike two are.
 */
export const embedding: Head = {
  name: 'embedding',
  task: 'embed',
  reads: 'a vector [1, D], tokens [1, T, D] or feature maps [1, D, H, W]',
  recognise(network) {
    const output = outputOf(network);
    if (!output) return undefined;
    const { name, shape } = output;
    return {
      classes: 0,
      usual: network.channelsLast ? USUAL.keras : USUAL.imagenet,
      append(net) {
        let vector = net.own(name);
        if (shape.length === 3) vector = net.slice(vector, 1, 0, 1);
        if (shape.length === 4) vector = net.add('reduce', [vector], { fn: 'mean', axes: [2, 3], keepDims: true })[0];
        const length = net.shape(vector).reduce((all, d) => all * d, 1);
        const flat = net.reshape(vector, [1, length]);
        const norm = net.binary('max', net.reduce('l2', flat, 1), 1e-12);
        return [net.binary('div', flat, norm, 'embedding')];
      },
    };
  },
};

function outputOf({ outputs }: NetworkFacts): OutputInfo | undefined {
  const floats = outputs.filter((output) => isFloat(output) && output.shape[0] === 1);
  const named = (pattern: RegExp): OutputInfo | undefined => floats.find(({ name }) => pattern.test(name));
  return (
    named(/embed/i) ??
    named(/pool/i) ??
    floats.find((output) => isRank(output, 2)) ??
    floats.find((output) => isRank(output, 3)) ??
    floats.find((output) => isRank(output, 4))
  );
}
