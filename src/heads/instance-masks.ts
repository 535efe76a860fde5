import { type Head, isRank } from './head';
import { suppress } from './suppression';
import { USUAL } from './usual';
import { boxFirst, boxOutputs, centredBoxes, probabilities } from './yolo';

/**
 * YOLOv8's and 11's instances (Ultralytics; Bolya et al. 2019, "YOLACT"): boxes `[1, 4 + C + P, B]` with the coefficients
 * that mix prototypes `[1, P, h, w]` into a box's mask.
 */
export const yoloMasks: Head = {
  name: 'yolov8-masks',
  task: 'instances',
  reads: '[1, 4 + C + P, B] beside prototypes [1, P, h, w] (YOLOv8 and 11 segment)',
  recognise(network) {
    const prototypes = network.outputs.find((output) => isRank(output, 4));
    if (!prototypes) return undefined;
    const [, count] = prototypes.shape;
    for (const output of boxOutputs(network)) {
      const classes = output.width - 4 - count;
      if (classes < 1 || (network.labels && network.labels.length !== classes)) continue;
      return {
        classes,
        usual: USUAL.ultralytics,
        append: (net) => [
          ...suppress(net, {
            ...centredBoxes(net, output, network),
            ...probabilities(net, output, network, 4, classes),
            coefficients: boxFirst(net, output, 4 + classes, output.width),
            options: network.options,
            iouThreshold: 0.7,
          }),
          net.unary('identity', net.own(prototypes.name), 'prototypes'),
        ],
      };
    }
    return undefined;
  },
};
