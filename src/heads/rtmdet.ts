import { cells } from './grids';
import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import { activationOf } from './origin';
import { suppress, toUnit } from './suppression';
import { USUAL } from './usual';

interface Level {
  readonly scores: OutputInfo;
  readonly sides: OutputInfo;
  /** In pixels of the input. */
  readonly stride: number;
}

/**
 * RTMDet (Lyu et al. 2022) without MMDetection's post-processing: for each stride scores `[1, C, H, W]` and, in pixels from
 * the corner of each cell, the distances `[1, 4, H, W]` to the left, top, right and bottom side of a box.
 */
export const rtmdet: Head = {
  name: 'rtmdet',
  task: 'detect',
  reads: 'for each stride scores [1, C, H, W] and distances [1, 4, H, W] (RTMDet)',
  recognise(network) {
    const levels = levelsOf(network);
    if (!levels) return undefined;
    const { graph, labels, options, size } = network;
    const classes = levels[0].scores.shape[1];
    if (labels && labels.length !== classes) return undefined;
    return {
      classes,
      usual: USUAL.rtmdet,
      append(net) {
        const whole = (of: (level: Level) => OutputInfo): string => {
          const parts = levels.map((level) => {
            const { name, shape } = of(level);
            return net.reshape(net.own(name), [1, shape[1], shape[2] * shape[3]]);
          });
          return net.concat(parts, 2);
        };
        const sides = net.transpose(
          whole((level) => level.sides),
          [0, 2, 1],
        );
        const { origins } = cells({ strides: levels.map(({ stride }) => stride), perCell: 1 }, size, 0);
        const origin = net.numbers('cells', [1, origins.length / 2, 2], origins);
        const corners = net.concat(
          [net.binary('sub', origin, net.slice(sides, 2, 0, 2)), net.binary('add', origin, net.slice(sides, 2, 2, 4))],
          2,
        );
        const scores = whole((level) => level.scores);
        const { activation = activationOf(graph, levels[0].scores.name) ? 'none' : 'sigmoid' } = options;
        return suppress(net, {
          boxes: toUnit(net, corners, network),
          boxFormat: 'corners',
          scores: activation === 'none' ? scores : net.unary('sigmoid', scores),
          scoreLayout: 'class-first',
          multiLabel: true,
          options,
          iouThreshold: 0.65,
        });
      },
    };
  },
};

/** Pairs of maps, the finest first; of two with four channels the scores come first, as MMDetection gives them. */
function levelsOf({ outputs, size }: NetworkFacts): Level[] | undefined {
  if (!outputs.every((output) => isRank(output, 4) && isFloat(output))) return undefined;
  const heights = [...new Set(outputs.map(({ shape }) => shape[2]))].sort((a, b) => b - a);
  const levels = heights.flatMap((height): Level[] => {
    const group = outputs.filter(({ shape }) => shape[2] === height);
    const sides = group.findLast(({ shape }) => shape[1] === 4);
    const scores = group.find((output) => output !== sides);
    const stride = size[0] / height;
    const isGrid = Number.isInteger(stride) && group.every(({ shape }) => shape[3] * stride === size[1]);
    return sides && scores && group.length === 2 && isGrid ? [{ scores, sides, stride }] : [];
  });
  const isOne = levels.every(({ scores }) => scores.shape[1] === levels[0].scores.shape[1]);
  return levels.length >= 2 && levels.length === heights.length && isOne ? levels : undefined;
}
