import { ArgumentError } from '../errors';
import { producersOf } from '../graph/graph';
import { NO_EPILOGUE } from '../operators/epilogue';
import { type Head, isFloat, type NetworkFacts, type OutputInfo, type PictureChoices } from './head';
import type { NetworkTail } from './network-tail';
import { activationOf } from './origin';
import { RANGES, USUAL } from './usual';

/** An output with an axis for height and one for width. */
export interface ImageOutput {
  readonly name: string;
  readonly dtype: OutputInfo['dtype'];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly channelsLast: boolean;
}

/** A map is at most eight times smaller than the input; what is coarser are features, unless its channels are the classes. */
const COARSEST = 8;
const COARSEST_CLASSES = 32;
/** A class is one byte of a mask. */
const MOST_CLASSES = 256;

/** Whether a map has the input's proportions, give or take a pixel that rounding loses. */
const isAlike = (image: ImageOutput, [height, width]: NetworkFacts['size']): boolean =>
  Math.abs(image.width - (image.height * width) / height) <= 1 + width / height;

/** `[1, C, H, W]`, `[1, H, W, C]` or `[1, H, W]`, whichever has the input's proportions. */
export function imageOf(
  { name, dtype, shape }: OutputInfo,
  size: NetworkFacts['size'],
  coarsest = COARSEST,
): ImageOutput | undefined {
  const [batch, first, middle, last] = shape;
  if (batch !== 1) return undefined;
  const common = { name, dtype };
  const candidates: ImageOutput[] =
    shape.length === 3
      ? [{ ...common, channels: 1, height: first, width: middle, channelsLast: false }]
      : shape.length === 4
        ? [
            { ...common, channels: first, height: middle, width: last, channelsLast: false },
            { ...common, channels: last, height: first, width: middle, channelsLast: true },
          ]
        : [];
  return candidates.find((image) => image.height * coarsest >= size[0] && isAlike(image, size));
}

/** `[1, C, H, W]` of an image output. */
export function planes(net: NetworkTail, { name, channels, height, width, channelsLast }: ImageOutput): string {
  const own = net.own(name);
  if (channels === 1) return net.reshape(own, [1, 1, height, width]);
  return channelsLast ? net.transpose(own, [0, 3, 1, 2]) : own;
}

/** Less than any score, and still a number in float16. */
const NEVER = -6e4;

/**
 * Makes `logits` of a map by a 1×1 convolution, which leaves numbers as they are: masks are found from the layout that
 * convolutions give.
 *
 * @param weights `[O, C / groups]`
 */
function asLogits(
  net: NetworkTail,
  own: string,
  weights: readonly number[],
  bias: readonly number[],
  groups = 1,
): string {
  const inputs = [own, net.numbers('logits.weight', [bias.length, weights.length / bias.length, 1, 1], weights)];
  const window = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], groups } as const;
  return net.add(
    'conv2d',
    [...inputs, net.numbers('logits.bias', [bias.length], bias)],
    { ...NO_EPILOGUE, ...window },
    'logits',
    ['logits'],
  )[0];
}

/** The same numbers, one channel for each. */
export function copied(net: NetworkTail, own: string): string {
  const channels = net.shape(own)[1];
  return asLogits(net, own, new Array<number>(channels).fill(1), new Array<number>(channels).fill(0), channels);
}

/** Index 0 of a mask is nothing; in maps of scores `[1, C, H, W]` of things alone every pixel is something. */
export function withNothing(net: NetworkTail, own: string): string {
  const sides = { before: [0, 1, 0, 0], after: [0, 0, 0, 0] };
  return copied(net, net.add('pad', [own], { mode: 'constant', ...sides, value: NEVER })[0]);
}

/** Names of classes that are none. */
export const NOTHING = /^_*(background|bg|unlabell?ed|unlabelled|none|void|other|n\/a)_*$/i;

/** Scores of every pixel's classes, `[1, C, H, W]` or channels last; one channel is how likely a pixel is of the thing. */
export const semantic: Head = {
  name: 'semantic',
  task: 'segment',
  reads: 'a map of scores [1, C, H, W], of probabilities [1, 1, H, W] or of classes [1, H, W]',
  recognise(network) {
    const { outputs, size, labels, options, graph } = network;
    const ofClasses = outputs.flatMap((output) => imageOf(output, size, COARSEST_CLASSES) ?? []);
    const image =
      outputs.flatMap((output) => imageOf(output, size) ?? []).find(({ channels }) => channels <= MOST_CLASSES) ??
      ofClasses.find(({ channels }) => channels === labels?.length);
    if (!image) return undefined;
    const isWhole = image.dtype !== 'float32';
    const scores = isWhole ? scoresBefore(network, image) : image;
    const usual = usualOf(network);
    if (scores && scores.channels > 1) {
      const hasNothing = !labels || NOTHING.test(labels[0]);
      return {
        classes: scores.channels + (hasNothing ? 0 : 1),
        background: true,
        usual,
        append: (net) => [hasNothing ? copied(net, planes(net, scores)) : withNothing(net, planes(net, scores))],
      };
    }
    if (isWhole)
      return {
        classes: classCount(network),
        background: true,
        usual,
        append: (net) => [oneHot(net, image, classCount(network))],
      };
    const { activation = activationOf(graph, image.name) ? 'none' : 'sigmoid' } = options;
    return {
      classes: 2,
      background: true,
      usual,
      append(net) {
        const own = planes(net, image);
        // A pixel is of the thing from a probability of a half on: from a logit of 0.
        return [asLogits(net, own, [0, 1], [activation === 'none' ? 0.5 : 0, 0])];
      },
    };
  },
};

/** The scores of which an output is the largest's index. */
function scoresBefore({ graph, size }: NetworkFacts, { name }: ImageOutput): ImageOutput | undefined {
  const producers = producersOf(graph);
  for (let value = name, k = 0; k < 8; k++) {
    const node = producers.get(value);
    if (!node) return undefined;
    if (node.op === 'argmax') {
      const [input] = node.inputs;
      const { shape, dtype } = graph.values.get(input)!;
      return dtype === 'float32' ? imageOf({ name: input, shape, dtype }, size) : undefined;
    }
    if (!['cast', 'reshape', 'transpose'].includes(node.op)) return undefined;
    [value] = node.inputs;
  }
  return undefined;
}

/** @throws ArgumentError when nothing says how many classes there are */
function classCount({ labels }: NetworkFacts): number {
  if (labels) return labels.length;
  throw new ArgumentError('its output holds numbers of classes: pass their names as { labels }');
}

function oneHot(net: NetworkTail, image: ImageOutput, classes: number): string {
  const own = net.cast(planes(net, image), 'float32');
  const numbers = net.numbers(
    'classes',
    [1, classes, 1, 1],
    Float32Array.from({ length: classes }, (_, c) => c),
  );
  return copied(net, net.cast(net.binary('equal', own, numbers), 'float32'));
}

function usualOf({ channelsLast, outputs, size }: NetworkFacts): PictureChoices {
  if (channelsLast) return { ...USUAL.keras, ...RANGES.unit };
  const single = outputs.some((output) => isFloat(output) && imageOf(output, size)?.channels === 1);
  return single ? USUAL.unitWhole : USUAL.imagenetWhole;
}
