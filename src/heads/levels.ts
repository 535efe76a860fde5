import { cells, gridOf } from './grids';
import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import type { NetworkTail } from './network-tail';
import { activationOf } from './origin';
import { suppress, toUnit } from './suppression';
import { USUAL } from './usual';
import { decodeCells } from './yolo';

/** One grid of boxes, in outputs of its own. */
interface Level {
  readonly boxes: OutputInfo;
  /** Multiplied with each other. */
  readonly scores: readonly OutputInfo[];
  readonly points: OutputInfo | undefined;
  /** In pixels of the input. */
  readonly stride: number;
  readonly perCell: number;
}

/** Outputs `[1, B, …]` in groups of one length for each grid. */
function levelsOf({ outputs, size }: NetworkFacts, isScores: (output: OutputInfo) => boolean): Level[] | undefined {
  const rows = outputs.filter((output) => isRank(output, 3) && isFloat(output));
  const counts = [...new Set(rows.map(({ shape }) => shape[1]))].sort((a, b) => b - a);
  const levels = counts.flatMap((count) => {
    const group = rows.filter(({ shape }) => shape[1] === count);
    const scores = group.filter(isScores);
    const others = group.filter((output) => !isScores(output));
    const isPoints = ({ name }: OutputInfo): boolean => /kps|landm/i.test(name);
    const boxes = others.find((o) => o.shape[2] === 4 && !isPoints(o)) ?? others.find((o) => o.shape[2] % 4 === 0);
    const points = others.find((o) => o !== boxes && o.shape[2] % 2 === 0);
    const grid = gridOf(count, size);
    return boxes && scores.length > 0 && grid ? [{ boxes, scores, points, ...grid }] : [];
  });
  return counts.length >= 2 && levels.length === counts.length ? levels : undefined;
}

const joined = (net: NetworkTail, outputs: readonly OutputInfo[]): string =>
  net.concat(
    outputs.map(({ name }) => net.own(name)),
    1,
  );

function asProbabilities(net: NetworkTail, { graph, options }: NetworkFacts, outputs: readonly OutputInfo[]): string {
  const scores = joined(net, outputs);
  const { activation = activationOf(graph, outputs[0].name) ? 'none' : 'sigmoid' } = options;
  return activation === 'none' ? scores : net.unary('sigmoid', scores);
}

/**
 * YuNet (Wu et al. 2023): for each stride scores of a face and of anything `[1, H · W, 1]`, boxes `[1, H · W, 4]` as
 * YOLOX's, and five points `[1, H · W, 10]` from each cell, in strides. The score is the square root of their product.
 */
export const yunet: Head = {
  name: 'yunet',
  task: 'detect',
  reads: 'for each stride scores [1, H · W, 1] and boxes [1, H · W, 4] (YuNet)',
  recognise(network) {
    const levels = levelsOf(network, ({ shape }) => shape[2] === 1);
    if (!levels?.every(({ boxes, perCell }) => boxes.shape[2] === 4 && perCell === 1)) return undefined;
    const { options, size } = network;
    const grids = { strides: levels.map(({ stride }) => stride), perCell: 1 };
    return {
      classes: 1,
      names: ['face'],
      usual: USUAL.yunet,
      append(net) {
        const factors = levels[0].scores.map((_, k) =>
          asProbabilities(
            net,
            network,
            levels.map(({ scores }) => scores[k]),
          ),
        );
        const product = factors.reduce((all, factor) => net.binary('mul', all, factor));
        const boxes = decodeCells(
          net,
          joined(
            net,
            levels.map((level) => level.boxes),
          ),
          grids,
          size,
        );
        return suppress(net, {
          boxes: toUnit(net, boxes, network),
          boxFormat: 'center',
          scores: factors.length === 2 ? net.unary('sqrt', product) : product,
          scoreLayout: 'box-first',
          ...(levels[0].points && {
            keypoints: {
              value: pointsOf(
                net,
                joined(
                  net,
                  levels.map((level) => level.points!),
                ),
                grids,
                size,
              ),
              width: 2,
            },
          }),
          options,
          iouThreshold: 0.45,
        });
      },
    };
  },
};

/** `[1, B, 2 · K]` of offsets from cells in strides, as shares of the input. */
function pointsOf(
  net: NetworkTail,
  points: string,
  grids: { strides: readonly number[]; perCell: number },
  size: NetworkFacts['size'],
): string {
  const { origins, strides } = cells(grids, size, 0);
  const [, count, width] = net.shape(points);
  const [height, wide] = size;
  const repeated = (of: (box: number, axis: number) => number): number[] =>
    Array.from({ length: count * width }, (_, i) => of(Math.floor(i / width), i % 2));
  const side = [wide, height];
  const scale = net.numbers(
    'point-scale',
    [1, count, width],
    repeated((b, axis) => strides[b] / side[axis]),
  );
  const origin = net.numbers(
    'point-origin',
    [1, count, width],
    repeated((b, axis) => origins[2 * b + axis] / side[axis]),
  );
  return net.binary('add', net.binary('mul', points, scale), origin);
}

/**
 * BlazeFace (Bazarevsky et al. 2019) and MediaPipe's other detectors: scores `[1, B, 1]` and, in pixels of the input from
 * the middle of each cell, a box and points `[1, B, 4 + 2 · K]`.
 */
export const blazeface: Head = {
  name: 'blazeface',
  task: 'detect',
  reads: 'for each stride scores [1, B, 1] and boxes with points [1, B, 4 + 2K] (BlazeFace)',
  recognise(network) {
    const levels = levelsOf(network, ({ shape }) => shape[2] === 1);
    if (!levels?.every(({ boxes }) => boxes.shape[2] > 4)) return undefined;
    const { options, size } = network;
    const centres = levels.flatMap(({ stride, perCell }) => cells({ strides: [stride], perCell }, size, 0.5).origins);
    return {
      classes: 1,
      names: ['face'],
      usual: USUAL.mediapipe,
      append(net) {
        const whole = joined(
          net,
          levels.map((level) => level.boxes),
        );
        const [, count, width] = net.shape(whole);
        const isPlace = (k: number): boolean => k < 2 || k >= 4;
        const origin = Array.from({ length: count * width }, (_, i) =>
          isPlace(i % width) ? centres[2 * Math.floor(i / width) + (i % 2)] : 0,
        );
        const unit = Array.from({ length: width }, (_, k) => 1 / size[1 - (k % 2)]);
        const placed = net.binary(
          'mul',
          net.binary('add', whole, net.numbers('centres', [1, count, width], origin)),
          net.numbers('unit', [1, 1, width], unit),
        );
        return suppress(net, {
          boxes: net.slice(placed, 2, 0, 4),
          boxFormat: 'center',
          scores: asProbabilities(
            net,
            network,
            levels.flatMap(({ scores }) => scores),
          ),
          scoreLayout: 'box-first',
          keypoints: { value: net.slice(placed, 2, 4), width: 2 },
          options,
          iouThreshold: 0.3,
        });
      },
    };
  },
};

/** Distances have eight bins, 0 to 7 strides. */
const BINS = 8;

/**
 * PicoDet and NanoDet (Li et al. 2020, "Generalized focal loss", section 3.2): each side of a box is the mean of a
 * distribution over 0 to 7 strides from the cell. `[1, B, C + 32]` in one output, or for each stride `[1, H · W, C]` and
 * `[1, H · W, 32]`.
 */
function distributions(name: 'nanodet' | 'picodet', shift: number): Head {
  return {
    name,
    task: 'detect',
    reads:
      name === 'nanodet' ? '[1, B, C + 32] (NanoDet)' : 'for each stride [1, H · W, C] and [1, H · W, 32] (PicoDet)',
    recognise(network) {
      const { options, size } = network;
      const found = name === 'nanodet' ? oneOutput(network) : outputPairs(network);
      if (!found) return undefined;
      return {
        classes: found.classes,
        usual: name === 'nanodet' ? USUAL.nanodet : USUAL.imagenetWhole,
        append(net) {
          const { origins, strides } = cells({ strides: found.strides, perCell: 1 }, size, shift);
          const count = strides.length;
          const bins = net.softmax(net.reshape(found.sides(net), [count * 4, BINS]), 1);
          const weighted = net.binary(
            'mul',
            bins,
            net.numbers(
              'bins',
              [1, BINS],
              Array.from({ length: BINS }, (_, k) => k),
            ),
          );
          const distances = net.reshape(net.reduce('sum', weighted, 1), [1, count, 4]);
          const pixels = net.binary('mul', distances, net.numbers('strides', [1, count, 1], strides));
          const origin = net.numbers('cells', [1, count, 2], origins);
          const corners = net.concat(
            [
              net.binary('sub', origin, net.slice(pixels, 2, 0, 2)),
              net.binary('add', origin, net.slice(pixels, 2, 2, 4)),
            ],
            2,
          );
          return suppress(net, {
            boxes: toUnit(net, corners, network),
            boxFormat: 'corners',
            scores: found.scores(net),
            scoreLayout: 'box-first',
            multiLabel: true,
            options,
            iouThreshold: 0.6,
          });
        },
      };
    },
  };
}

export const nanodet = distributions('nanodet', 0);
export const picodet = distributions('picodet', 0.5);

interface Distributions {
  readonly classes: number;
  readonly strides: readonly number[];
  scores(net: NetworkTail): string;
  sides(net: NetworkTail): string;
}

const COCO_CLASSES = 80;

function oneOutput(network: NetworkFacts): Distributions | undefined {
  const { outputs, labels, options } = network;
  for (const output of outputs) {
    if (!isRank(output, 3) || !isFloat(output)) continue;
    const [, count, width] = output.shape;
    const classes = width - 4 * BINS;
    const isKnown = labels ? labels.length === classes : options.name === 'nanodet' || classes === COCO_CLASSES;
    const strides = STRIDES.find((list) => count === sum(list.map((stride) => cellCount(network, stride))));
    if (!isKnown || !strides || classes < 1) continue;
    return {
      classes,
      strides,
      scores: (net) => {
        const scores = net.slice(net.own(output.name), 2, 0, classes);
        const { activation = activationOf(network.graph, output.name) ? 'none' : 'sigmoid' } = options;
        return activation === 'none' ? scores : net.unary('sigmoid', scores);
      },
      sides: (net) => net.slice(net.own(output.name), 2, classes),
    };
  }
  return undefined;
}

const STRIDES = [
  [8, 16, 32, 64],
  [8, 16, 32],
];
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const cellCount = ({ size }: NetworkFacts, stride: number): number =>
  Math.ceil(size[0] / stride) * Math.ceil(size[1] / stride);

function outputPairs(network: NetworkFacts): Distributions | undefined {
  const levels = levelsOf(network, ({ shape }) => shape[2] !== 4 * BINS);
  if (
    !levels?.every(({ boxes, scores, perCell }) => boxes.shape[2] === 4 * BINS && scores.length === 1 && perCell === 1)
  ) {
    return undefined;
  }
  return {
    classes: levels[0].scores[0].shape[2],
    strides: levels.map(({ stride }) => stride),
    scores: (net) =>
      asProbabilities(
        net,
        network,
        levels.map(({ scores }) => scores[0]),
      ),
    sides: (net) =>
      joined(
        net,
        levels.map(({ boxes }) => boxes),
      ),
  };
}
