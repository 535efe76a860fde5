import { producersOf } from '../graph/graph';
import { type Head, isFloat, type NetworkFacts, type PictureChoices } from './head';
import { activationOf, originsOf } from './origin';
import { type ImageOutput, imageOf, planes } from './semantic';
import { RANGES, USUAL } from './usual';

/** The first map of so many channels. */
function mapOf({ outputs, size }: NetworkFacts, fits: (image: ImageOutput) => boolean): ImageOutput | undefined {
  return outputs
    .filter(isFloat)
    .flatMap((output) => imageOf(output, size) ?? [])
    .find(fits);
}

/** A distance, or its reciprocal, for every pixel: Depth Anything, DPT, MiDaS. */
export const depth: Head = {
  name: 'depth',
  task: 'depth',
  reads: 'one number for every pixel, [1, H, W] or [1, 1, H, W]',
  recognise(network) {
    const image = mapOf(network, ({ channels }) => channels === 1);
    if (!image) return undefined;
    return {
      classes: 0,
      usual: USUAL.imagenetWhole,
      append: (net) => [net.unary('identity', planes(net, image), 'depth')],
    };
  },
};

/** How much of every pixel belongs to the thing: MODNet, U²-Net, IS-Net, RMBG, BiRefNet; or the second of two scores. */
export const matte: Head = {
  name: 'matte',
  task: 'cut-out',
  reads: 'how likely every pixel is of the thing, [1, 1, H, W], or scores of two classes [1, 2, H, W]',
  recognise(network) {
    const image = mapOf(network, ({ channels }) => channels <= 2);
    if (!image) return undefined;
    const found = activationOf(network.graph, image.name);
    const { activation = isBounded(network, image.name) || found ? 'none' : 'sigmoid' } = network.options;
    return {
      classes: 0,
      usual: network.channelsLast ? USUAL.unitWhole : USUAL.imagenetWhole,
      append(net) {
        const own = planes(net, image);
        if (image.channels === 1) return [net.unary(activation === 'none' ? 'identity' : 'sigmoid', own, 'matte')];
        const scores = activation === 'none' ? own : net.softmax(own, 1);
        return [net.unary('identity', net.slice(scores, 1, 1, 2), 'matte')];
      },
    };
  },
};

/** A picture for a picture: super-resolution, style, enhancement, colour. */
export const picture: Head = {
  name: 'picture',
  task: 'transform',
  reads: 'a picture of the input’s proportions, [1, 3, H, W] or [1, 1, H, W]',
  recognise(network) {
    const image = mapOf(
      network,
      ({ channels, height }) => (channels === 3 || channels === 1) && height >= network.size[0],
    );
    if (!image) return undefined;
    const usual: PictureChoices = {
      fit: 'squash',
      channels: 'rgb',
      ...(isSigned(network, image.name) ? RANGES.signed : RANGES.unit),
    };
    return { classes: 0, usual, append: (net) => [net.unary('identity', planes(net, image), 'transformed')] };
  },
};

const isSigned = ({ graph }: NetworkFacts, name: string): boolean => originsOf(graph, name).has('tanh');

/** Whether the last operator keeps values in 0..1. */
function isBounded({ graph }: NetworkFacts, name: string): boolean {
  const node = producersOf(graph).get(name);
  return (
    node?.op === 'unary' && node.attributes.fn === 'clip' && node.attributes.alpha >= 0 && node.attributes.beta <= 1
  );
}
