import type { Pair } from '../operators/window';
import { cells, type Grids, gridsOf } from './grids';
import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import type { NetworkTail } from './network-tail';
import { activationOf, originsOf } from './origin';
import { suppress, toUnit } from './suppression';
import { USUAL } from './usual';

/** Classes of COCO, which tell `[1, B, 84]` from `[1, B, 85]` where nothing else does. */
const COCO_CLASSES = 80;

/** An output of a grid's boxes, one column or row each. */
export interface BoxOutput extends OutputInfo {
  /** `[1, width, B]` rather than `[1, B, width]`. */
  readonly boxesLast: boolean;
  readonly count: number;
  /** How many numbers a box has. */
  readonly width: number;
  readonly grids: Grids;
}

/** The outputs whose boxes some grids count. */
export function boxOutputs({ outputs, size }: NetworkFacts): BoxOutput[] {
  return outputs.flatMap((output) => {
    if (!isRank(output, 3) || !isFloat(output)) return [];
    const boxesLast = output.shape[2] > output.shape[1];
    const [width, count] = boxesLast ? [output.shape[1], output.shape[2]] : [output.shape[2], output.shape[1]];
    const grids = gridsOf(count, size);
    return grids ? [{ ...output, boxesLast, count, width, grids }] : [];
  });
}

/** How many numbers each box has behind its classes: coefficients of masks, or points. */
export function extrasOf({ outputs, metadata }: NetworkFacts): number {
  const points = /\[(\d+), *(\d+)\]/.exec(metadata.get('kpt_shape') ?? '');
  if (points) return Number(points[1]) * Number(points[2]);
  return outputs.find((output) => isRank(output, 4))?.shape[1] ?? 0;
}

/** Classes of boxes of `before` numbers and their scores; undefined where there are none, or another number is known. */
function classesOf(network: NetworkFacts, { width }: BoxOutput, before: number): number | undefined {
  const count = width - before - extrasOf(network);
  const known = network.labels?.length;
  return count >= 1 && (known === undefined || known === count) ? count : undefined;
}

/** Whether boxes are still as a convolution made them; scores may have had their sigmoid. */
function isRaw({ graph }: NetworkFacts, { name }: OutputInfo): boolean {
  const origins = originsOf(graph, name);
  return origins.has('conv2d') && [...origins].every((word) => word === 'conv2d' || word === 'sigmoid');
}

/** Columns of an output, as `[1, B, …]` or `[1, …, B]`. */
const part = (net: NetworkTail, { name, boxesLast }: BoxOutput, from: number, to: number): string =>
  net.slice(net.own(name), boxesLast ? 1 : 2, from, to);

/** `[1, B, width]` of some columns. */
export const boxFirst = (net: NetworkTail, output: BoxOutput, from: number, to: number): string => {
  const columns = part(net, output, from, to);
  return output.boxesLast ? net.transpose(columns, [0, 2, 1]) : columns;
};

/**
 * YOLOv8, 9, 11 and their kind (Ultralytics): `[1, 4 + C, B]` of centre, size and a probability of each class, without
 * objectness; or with the last two axes swapped. Masks' coefficients and points may follow, and are left out here.
 */
export const yolov8: Head = {
  name: 'yolov8',
  task: 'detect',
  reads: '[1, 4 + C, B] (YOLOv8, v9, 11, 12)',
  recognise(network) {
    const isAsked = network.options.name === 'yolov8';
    for (const output of boxOutputs(network)) {
      const { boxesLast } = output;
      const classes = classesOf(network, output, 4);
      const isKnown = isAsked || network.labels !== undefined || boxesLast || classes === COCO_CLASSES;
      if (classes === undefined || !isKnown || (isRaw(network, output) && !isAsked)) continue;
      return {
        classes,
        usual: USUAL.ultralytics,
        append: (net) =>
          suppress(net, {
            ...centredBoxes(net, output, network),
            ...probabilities(net, output, network, 4, classes),
            options: network.options,
            iouThreshold: 0.7,
          }),
      };
    }
    return undefined;
  },
};

/** YOLOv3 to v7 with their boxes decoded: `[1, B, 5 + C]` of centre, size, objectness and classes. */
export const yolov5: Head = {
  name: 'yolov5',
  task: 'detect',
  reads: '[1, B, 5 + C] (YOLOv5, v6, v7)',
  recognise(network) {
    const isAsked = network.options.name === 'yolov5';
    for (const output of boxOutputs(network)) {
      const classes = classesOf(network, output, 5);
      if (classes === undefined || (!isAsked && (output.boxesLast || isRaw(network, output)))) continue;
      return {
        classes,
        usual: USUAL.ultralytics,
        append: (net) =>
          suppress(net, {
            ...centredBoxes(net, output, network),
            ...timesObjectness(net, output, network, classes),
            options: network.options,
            iouThreshold: 0.45,
          }),
      };
    }
    return undefined;
  },
};

/**
 * YOLOX (Ge et al. 2021, section 2.1): rows as YOLOv5's, still as the convolutions made them: centre = (offset + cell) ·
 * stride, size = exp(s) · stride. Where the file decodes them itself, ask for `yolox` to have its preparation.
 */
export const yolox: Head = {
  name: 'yolox',
  task: 'detect',
  reads: '[1, B, 5 + C], undecoded (YOLOX)',
  recognise(network) {
    const isAsked = network.options.name === 'yolox';
    for (const output of boxOutputs(network)) {
      const classes = classesOf(network, output, 5);
      const raw = isRaw(network, output);
      if (classes === undefined || output.grids.perCell !== 1 || (!raw && !isAsked)) continue;
      return {
        classes,
        usual: USUAL.yolox,
        append: (net) =>
          suppress(net, {
            ...(raw ? cellBoxes(net, output, network) : centredBoxes(net, output, network)),
            ...timesObjectness(net, output, network, classes),
            options: network.options,
            iouThreshold: 0.45,
          }),
      };
    }
    return undefined;
  },
};

/** Anchors of YOLOv5 (and v3), and of v7: width and height for strides 8, 16 and 32. */
const ANCHORS: Readonly<Record<'yolov5' | 'yolov7', readonly (readonly Pair[])[]>> = {
  yolov5: [
    [
      [10, 13],
      [16, 30],
      [33, 23],
    ],
    [
      [30, 61],
      [62, 45],
      [59, 119],
    ],
    [
      [116, 90],
      [156, 198],
      [373, 326],
    ],
  ],
  yolov7: [
    [
      [12, 16],
      [19, 36],
      [40, 28],
    ],
    [
      [36, 75],
      [76, 55],
      [72, 146],
    ],
    [
      [142, 110],
      [192, 243],
      [459, 401],
    ],
  ],
};

/**
 * YOLOv5 and v7 without their last layer: a grid `[1, A, H, W, 5 + C]` or `[1, A · (5 + C), H, W]` for each stride.
 * With σ the sigmoid: centre = (2σ - 0.5 + cell) · stride, size = (2σ)² · anchor (Jocher 2020; Wang et al. 2022).
 */
function anchorGrids(name: 'yolov5-grids' | 'yolov7-grids', anchors: readonly (readonly Pair[])[]): Head {
  return {
    name,
    task: 'detect',
    reads: 'three grids [1, 3, H, W, 5 + C] (YOLOv5 and v7 without their last layer)',
    recognise(network) {
      const shapes = network.options.anchors ?? anchors;
      const grids = gridOutputs(network, shapes);
      if (!grids) return undefined;
      const classes = grids[0].width - 5;
      if (classes < 1 || (network.labels && network.labels.length !== classes)) return undefined;
      return {
        classes,
        usual: USUAL.ultralytics,
        append(net) {
          const levels = grids.map((grid) => gridRows(net, grid));
          const boxes = levels.map((rows, k) => anchorBoxes(net, rows, grids[k], shapes[k], network));
          const whole = net.concat(levels, 1);
          const objectness = net.slice(whole, 2, 4, 5);
          const activated = activationOf(network.graph, grids[0].name) !== undefined;
          return suppress(net, {
            boxes: toUnit(net, net.concat(boxes, 1), network),
            boxFormat: 'center',
            scores: net.slice(whole, 2, 5),
            scoreLayout: 'box-first',
            objectness: activated ? objectness : net.unary('sigmoid', objectness),
            ...(!activated && { activation: 'sigmoid' }),
            options: network.options,
            iouThreshold: 0.45,
          });
        },
      };
    },
  };
}

export const yolov5Grids = anchorGrids('yolov5-grids', ANCHORS.yolov5);
export const yolov7Grids = anchorGrids('yolov7-grids', ANCHORS.yolov7);

interface GridOutput {
  readonly name: string;
  readonly anchors: number;
  readonly height: number;
  readonly cellsWide: number;
  readonly width: number;
  readonly split: boolean;
}

/** One output for each stride, the finest first. */
function gridOutputs({ outputs, size }: NetworkFacts, shapes: readonly (readonly Pair[])[]): GridOutput[] | undefined {
  const found = outputs.filter(isFloat).flatMap(({ name, shape }): GridOutput[] => {
    const [batch, a, b, c, width] = shape;
    if (batch !== 1) return [];
    if (shape.length === 5) return [{ name, anchors: a, height: b, cellsWide: c, width, split: true }];
    const anchors = shapes[0].length;
    if (shape.length !== 4 || a % anchors !== 0) return [];
    return [{ name, anchors, height: b, cellsWide: c, width: a / anchors, split: false }];
  });
  const sorted = found.sort((a, b) => b.height - a.height);
  const isGrid = ({ height, cellsWide, anchors, width }: GridOutput, k: number): boolean =>
    anchors === shapes[k]?.length &&
    width === sorted[0].width &&
    size[0] % height === 0 &&
    size[0] / height === size[1] / cellsWide;
  return sorted.length === shapes.length && sorted.every(isGrid) ? sorted : undefined;
}

/** A grid as `[1, A · H · W, 5 + C]`. */
function gridRows(net: NetworkTail, { name, anchors, height, cellsWide, width, split }: GridOutput): string {
  const output = net.own(name);
  const whole = split
    ? output
    : net.transpose(net.reshape(output, [1, anchors, width, height, cellsWide]), [0, 1, 3, 4, 2]);
  return net.reshape(whole, [1, anchors * height * cellsWide, width]);
}

/** The boxes `[1, A · H · W, 4]` of a grid's rows, as centre and size in pixels. */
function anchorBoxes(
  net: NetworkTail,
  rows: string,
  { name, height, cellsWide, ...grid }: GridOutput,
  anchors: readonly Pair[],
  { graph, size }: NetworkFacts,
): string {
  const count = grid.anchors * height * cellsWide;
  const own = net.slice(rows, 2, 0, 4);
  const sigmoid = activationOf(graph, name) ? own : net.unary('sigmoid', own);
  const stride = size[0] / height;
  const { origins } = cells({ strides: [stride], perCell: 1 }, size, 0);
  const corner = Array.from({ length: grid.anchors }, () => origins.map((at) => at - 0.5 * stride)).flat();
  const anchor = anchors.flatMap((pair) => Array.from({ length: height * cellsWide }, () => pair).flat());
  const centre = net.binary(
    'add',
    net.binary('mul', net.slice(sigmoid, 2, 0, 2), 2 * stride),
    net.numbers('cells', [1, count, 2], corner),
  );
  const twice = net.binary('mul', net.slice(sigmoid, 2, 2, 4), 2);
  const extent = net.binary('mul', net.binary('mul', twice, twice), net.numbers('anchors', [1, count, 2], anchor));
  return net.concat([centre, extent], 2);
}

/** Boxes that are decoded already: centre and size, in pixels unless the caller says otherwise. */
export function centredBoxes(net: NetworkTail, output: BoxOutput, network: NetworkFacts) {
  const { boxFormat = 'center', units } = network.options;
  const boxes = boxFirst(net, output, 0, 4);
  return { boxes: units === 'unit' ? boxes : toUnit(net, boxes, network), boxFormat };
}

/** Boxes relative to the cells of YOLOX's grids. */
function cellBoxes(net: NetworkTail, output: BoxOutput, network: NetworkFacts) {
  const boxes = decodeCells(net, boxFirst(net, output, 0, 4), output.grids, network.size);
  return { boxes: toUnit(net, boxes, network), boxFormat: 'center' } as const;
}

/** `[1, B, 4]` of offsets and logarithms of sizes, in strides, as centre and size in pixels. */
export function decodeCells(net: NetworkTail, rows: string, grids: Grids, size: Pair): string {
  const { origins, strides } = cells(grids, size, 0);
  const stride = net.numbers('strides', [1, strides.length, 1], strides);
  const origin = net.numbers('cells', [1, strides.length, 2], origins);
  const centre = net.binary('add', net.binary('mul', net.slice(rows, 2, 0, 2), stride), origin);
  const extent = net.binary('mul', net.unary('exp', net.slice(rows, 2, 2, 4)), stride);
  return net.concat([centre, extent], 2);
}

/** The classes' scores, with what makes probabilities of them. */
export function probabilities(
  net: NetworkTail,
  output: BoxOutput,
  network: NetworkFacts,
  first: number,
  classes: number,
) {
  const raw = part(net, output, first, first + classes);
  const found = activationOf(network.graph, output.name) ? 'none' : 'sigmoid';
  const { activation = found } = network.options;
  const scoreLayout = output.boxesLast ? 'class-first' : 'box-first';
  if (activation === 'sigmoid') return { scores: raw, scoreLayout, activation } as const;
  const scores = activation === 'softmax' ? net.softmax(raw, output.boxesLast ? 1 : 2) : raw;
  return { scores, scoreLayout } as const;
}

/** A box's score of a class is that of holding anything times that of the class. */
function timesObjectness(net: NetworkTail, output: BoxOutput, network: NetworkFacts, classes: number) {
  const { scores, activation } = probabilities(net, output, network, 4, 1);
  const objectness = activation ? net.unary(activation, scores) : scores;
  return { ...probabilities(net, output, network, 5, classes), objectness };
}
