import { ArgumentError } from '../errors';
import { Tensor } from '../tensor';
import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo, type PictureChoices } from './head';
import { activationOf, originsOf } from './origin';
import { knownDefaultBoxes } from './ssd-boxes';
import { suppress, toUnit } from './suppression';
import { USUAL } from './usual';

/** SSD's usual factors of offsets. */
const VARIANCES = [0.1, 0.2] as const;

/**
 * A single-shot detector (Liu et al. 2016): boxes `[1, B, 4]` or `[1, B, 1, 4]` beside scores `[1, B, C]`. Boxes come
 * decoded, or as offsets from default boxes that are known by their number, or given.
 */
export const ssd: Head = {
  name: 'ssd',
  task: 'detect',
  reads: 'boxes [1, B, 4] and scores [1, B, C] (SSD)',
  recognise(network) {
    const found = boxesAndScores(network);
    if (!found) return undefined;
    const { boxes, scores } = found;
    const [, count] = boxes.shape;
    const [, , width] = scores.shape;
    const { graph, options, labels, size } = network;
    const isOffsets = [...originsOf(graph, boxes.name)].every((word) => word === 'conv2d');
    const known = isOffsets ? (givenBoxes(network, count) ?? knownDefaultBoxes(count, size)) : undefined;
    if (isOffsets && !known) throw new ArgumentError(missingBoxes(boxes, count));
    const last = activationOf(graph, scores.name);
    const isSoftmax = (last ?? 'softmax') === 'softmax' && width > 1 && labels?.length !== width;
    const { background = isSoftmax || /background|^N\/A$|__/.test(labels?.[0] ?? '') ? 'first' : 'none' } = options;
    const { activation = last ? 'none' : isSoftmax ? 'softmax' : 'sigmoid' } = options;
    return {
      classes: background === 'last' ? width - 1 : width,
      background: background === 'first',
      ...(isUltraFace(network) && { names: ['background', 'face'] }),
      usual: known?.usual ?? usualOf(network),
      append(net) {
        let probabilities = net.own(scores.name);
        if (activation === 'softmax') probabilities = net.softmax(probabilities, 2);
        if (activation === 'sigmoid') probabilities = net.unary('sigmoid', probabilities);
        if (background === 'last') probabilities = net.slice(probabilities, 2, 0, width - 1);
        let corners = net.reshape(net.own(boxes.name), [1, count, 4]);
        if (known) {
          const { variances = known.variances } = options;
          const anchors = net.constant('default-boxes', known.boxes);
          [corners] = net.add('ssd-decode', [corners, anchors], { variances, clip: known.clip });
        } else if (options.units === 'pixels') corners = toUnit(net, corners, network);
        return suppress(net, {
          boxes: corners,
          boxFormat: known ? 'corners' : (options.boxFormat ?? 'corners'),
          scores: probabilities,
          scoreLayout: 'box-first',
          firstClass: background === 'first' ? 1 : 0,
          multiLabel: true,
          options,
          iouThreshold: known?.iouThreshold ?? 0.45,
        });
      },
    };
  },
};

function boxesAndScores({ outputs }: NetworkFacts): { boxes: OutputInfo; scores: OutputInfo } | undefined {
  const floats = outputs.filter(isFloat);
  const isBoxes = ({ name, shape }: OutputInfo): boolean =>
    shape[0] === 1 &&
    shape.at(-1) === 4 &&
    (shape.length === 3 || (shape.length === 4 && shape[2] === 1)) &&
    !/score|conf|class|cls/i.test(name);
  const boxes = floats.find(isBoxes);
  const scores = floats.find((o) => o !== boxes && isRank(o, 3) && o.shape[1] === boxes?.shape[1]);
  return boxes && scores ? { boxes, scores } : undefined;
}

/** @throws ArgumentError when they are of another number */
function givenBoxes({ options }: NetworkFacts, count: number) {
  const { defaultBoxes: boxes } = options;
  if (!boxes) return undefined;
  if (boxes instanceof Tensor && boxes.shape.length === 2 && boxes.shape[0] === count && boxes.shape[1] === 4) {
    return { boxes, variances: VARIANCES, clip: true, iouThreshold: 0.45, usual: undefined };
  }
  throw new ArgumentError(`head.defaultBoxes must be a tensor [${count}, 4], a row for each box of the network`);
}

const missingBoxes = ({ name }: OutputInfo, count: number): string =>
  `output "${name}" holds offsets from ${count} default boxes that the file does not have: pass them as ` +
  "{ head: { name: 'ssd', defaultBoxes } }, a tensor [B, 4] of cx, cy, w, h in 0..1, or export the network with its decoding";

/** UltraFace is the one published detector of a single class for pictures of 4 to 3. */
const isUltraFace = ({ outputs, size }: NetworkFacts): boolean =>
  outputs.some(({ shape }) => shape[2] === 2) && size[0] * 4 === size[1] * 3;

function usualOf(network: NetworkFacts): PictureChoices {
  if (isUltraFace(network)) return USUAL.ultraface;
  return network.channelsLast ? USUAL.keras : USUAL.imagenetWhole;
}
