import { sizeOf, Tensor } from '../tensor';
import { type Head, isFloat, type NetworkFacts, type OutputInfo } from './head';
import type { NetworkTail } from './network-tail';
import { activationOf, originsOf } from './origin';
import { sortRows, toCorners, toUnit } from './suppression';
import { USUAL } from './usual';
import { extrasOf } from './yolo';

/** Where the labels of a suppressing network are not known, its classes are those of COCO. */
const COCO_CLASSES = 80;

/**
 * Rows that the network has sorted out itself, YOLOv10's and YOLO26's or those of an export with suppression:
 * `[1, R, 6]` of xmin, ymin, xmax, ymax, score, class. Masks' coefficients and points may follow.
 */
export const rows: Head = {
  name: 'rows',
  task: 'detect',
  reads: '[1, R, 6] (YOLOv10, YOLO26, suppressed exports)',
  recognise(network) {
    const { outputs, labels, options } = network;
    const width = 6 + extrasOf(network);
    const output = outputs.find(
      (o) => isFloat(o) && o.shape.length === 3 && o.shape[0] === 1 && (o.shape[2] === 6 || o.shape[2] === width),
    );
    if (!output) return undefined;
    return {
      classes: labels?.length ?? COCO_CLASSES,
      usual: USUAL.ultralytics,
      append(net) {
        const whole = net.reshape(net.own(output.name), output.shape.slice(1));
        const scores = counted(net, network, output, net.slice(whole, 1, 4, 5));
        return sortRows(net, {
          corners: cornersOf(net, net.slice(whole, 1, 0, 4), network),
          scores,
          classes: column(net, whole, 5),
          options,
        });
      },
    };
  },
};

/** YOLOv7 exported end to end: `[R, 7]` of picture, xmin, ymin, xmax, ymax, class, score. */
export const numberedRows: Head = {
  name: 'numbered-rows',
  task: 'detect',
  reads: '[R, 7] (YOLOv7 end to end)',
  recognise(network) {
    const { outputs, labels, options } = network;
    const output = outputs.find((o) => isFloat(o) && o.shape.length === 2 && o.shape[1] === 7);
    if (!output) return undefined;
    return {
      classes: labels?.length ?? COCO_CLASSES,
      usual: USUAL.ultralytics,
      append(net) {
        const whole = net.own(output.name);
        const scores = counted(net, network, output, net.slice(whole, 1, 6, 7));
        return sortRows(net, {
          corners: cornersOf(net, net.slice(whole, 1, 1, 5), network),
          scores,
          classes: column(net, whole, 5),
          options,
        });
      },
    };
  },
};

/** MMDeploy's detectors end to end: `dets` `[1, R, 5]` of xmin, ymin, xmax, ymax and score beside `labels` `[1, R]`. */
export const scoredBoxes: Head = {
  name: 'scored-boxes',
  task: 'detect',
  reads: 'dets [1, R, 5] and labels [1, R] (MMDeploy)',
  recognise(network) {
    const { outputs, labels, options } = network;
    const boxes = outputs.find(
      (o) => isFloat(o) && o.shape.at(-1) === 5 && sizeOf(o.shape) === 5 * (o.shape.at(-2) ?? 0),
    );
    const count = boxes?.shape.at(-2);
    const classes = outputs.find(({ name, shape }) => /class|label/i.test(name) && sizeOf(shape) === count);
    if (!boxes || !classes || count === undefined) return undefined;
    return {
      classes: labels?.length ?? COCO_CLASSES,
      usual: USUAL.rtmdet,
      append(net) {
        const whole = net.reshape(net.own(boxes.name), [count, 5]);
        return sortRows(net, {
          corners: cornersOf(net, net.slice(whole, 1, 0, 4), network),
          scores: counted(net, network, boxes, net.slice(whole, 1, 4, 5)),
          classes: net.reshape(net.cast(net.own(classes.name), 'float32'), [count]),
          options,
        });
      },
    };
  },
};

/**
 * Boxes, scores and classes under those names: torchvision's `boxes` `[R, 4]`, `scores` `[R]`, `labels` `[R]`;
 * TensorFlow's `detection_boxes` (y first, in 0..1); D-FINE's and RT-DETR's with their own decoding.
 */
export const lists: Head = {
  name: 'lists',
  task: 'detect',
  reads: 'boxes [R, 4], scores [R] and labels [R]',
  recognise(network) {
    const named = (pattern: RegExp, width: readonly number[]): OutputInfo | undefined =>
      network.outputs.find(({ name, shape }) => {
        const axes = shape.length > width.length + 1 && shape[0] === 1 ? shape.slice(1) : shape;
        return pattern.test(name) && axes.length === width.length + 1 && width.every((d, i) => axes[i + 1] === d);
      });
    const [boxes, scores, classes] = [named(/box/i, [4]), named(/score|conf/i, []), named(/class|label/i, [])];
    const count = boxes?.shape.at(-2);
    if (!boxes || !scores || count === undefined || count !== scores.shape.at(-1)) return undefined;
    const isTensorFlow = /detection_boxes/.test(boxes.name);
    const { labels, options } = network;
    return {
      classes: labels?.length ?? COCO_CLASSES,
      usual: network.channelsLast ? { ...USUAL.unitWhole, std: [1 / 255, 1 / 255, 1 / 255] } : USUAL.unitWhole,
      append(net) {
        const flat = (output: OutputInfo): string => net.reshape(net.cast(net.own(output.name), 'float32'), [count, 1]);
        let whole = net.reshape(net.own(boxes.name), [count, 4]);
        if (isTensorFlow)
          whole = net.concat(
            [1, 0, 3, 2].map((k) => net.slice(whole, 1, k, k + 1)),
            1,
          );
        return sortRows(net, {
          corners: isTensorFlow && options.units !== 'pixels' ? whole : cornersOf(net, whole, network),
          scores: counted(net, network, scores, flat(scores)),
          classes: classes
            ? net.reshape(flat(classes), [count])
            : net.numbers('class', [count], new Float32Array(count)),
          options,
        });
      },
    };
  },
};

const column = (net: NetworkTail, whole: string, at: number): string =>
  net.reshape(net.slice(whole, 1, at, at + 1), [net.shape(whole)[0]]);

function cornersOf(net: NetworkTail, boxes: string, { size, options }: NetworkFacts): string {
  const corners = options.boxFormat === 'center' ? toCorners(net, boxes) : boxes;
  return options.units === 'unit' ? corners : toUnit(net, corners, { size });
}

/** `[R, 1]` scores as `[R]`, 0 from the row on where those end whose number only a run tells. */
function counted(net: NetworkTail, { graph }: NetworkFacts, { name }: OutputInfo, scores: string): string {
  const [count] = net.shape(scores);
  const flat = net.reshape(scores, [count]);
  const rows = graph.rowCounts?.get(name);
  if (rows === undefined) return flat;
  const index = net.numbers(
    'row',
    [count],
    Float32Array.from({ length: count }, (_, k) => k),
  );
  const isRow = net.binary('less', index, net.cast(net.own(rows), 'float32'));
  return net.where(isRow, flat, net.numbers('zero', [1], [0]));
}

/** Queries of DETR's kind: boxes `[1, Q, 4]` of centre and size in 0..1, and scores `[1, Q, C]`; none overlap. */
const queries = (name: string, reads: string, isSoftmax: boolean): Head => ({
  name,
  task: 'detect',
  reads,
  recognise(network) {
    const { outputs, graph, options, config } = network;
    const boxes = outputs.find((o) => isFloat(o) && /box/i.test(o.name) && o.shape.length === 3 && o.shape[2] === 4);
    const scores = outputs.find(
      (o) =>
        isFloat(o) &&
        o !== boxes &&
        o.shape.length === 3 &&
        o.shape[1] === boxes?.shape[1] &&
        /logit|score/i.test(o.name),
    );
    if (!boxes || !scores) return undefined;
    const [, count, width] = scores.shape;
    const isAsked = options.name === name;
    // As a convolution made them they are offsets from default boxes.
    const isOffsets = [...originsOf(graph, boxes.name)].every((word) => word === 'conv2d');
    if (!isAsked && (isOffsets || count > MOST_QUERIES || hasNoObject(network, width) !== isSoftmax)) return undefined;
    const classes = isSoftmax ? width - 1 : width;
    const found = activationOf(graph, scores.name) ? 'none' : isSoftmax ? 'softmax' : 'sigmoid';
    const { activation = found } = options;
    return {
      classes,
      usual: isSoftmax || PAIRS.test(String(config.model_type)) ? USUAL.imagenetWhole : USUAL.unitWhole,
      append(net) {
        let probabilities = net.own(scores.name);
        if (activation === 'softmax') probabilities = net.softmax(probabilities, 2);
        if (activation === 'sigmoid') probabilities = net.unary('sigmoid', probabilities);
        const flat = net.reshape(net.slice(probabilities, 2, 0, classes), [count * classes]);
        // The best pairs of query and class, as their makers count; with a softmax each query has one class.
        const kept = isSoftmax ? bestOfEach(net, flat, count, classes) : flat;
        const k = PAIRS.test(String(config.model_type)) ? Math.min(MOST_PAIRS, count * classes) : Math.min(count, 300);
        const [best, order] = net.add('top-k', [kept], { k, axis: 0, largest: true });
        const classCount = net.constant('classes', int32(classes));
        const query = net.binary('div', order, classCount);
        const index = net.cast(net.binary('mod', order, classCount), 'float32');
        const centred = net.gather(net.reshape(net.own(boxes.name), [count, 4]), query, 0);
        const corners = options.boxFormat === 'corners' ? centred : toCorners(net, centred);
        const unit = options.units === 'pixels' ? toUnit(net, corners, network) : corners;
        return sortRows(net, { corners: unit, scores: best, classes: index, options });
      },
    };
  },
});

const int32 = (value: number): Tensor => Tensor.int32([1], [value]);

/** Networks of which so many pairs of query and class count, however many queries they have. */
const PAIRS = /^(conditional|deformable)/;
const MOST_PAIRS = 100;
/** More rows than this are default boxes. */
const MOST_QUERIES = 1000;
/** DETR's queries, for want of any other sign. */
const DETR_QUERIES = 100;

/** Whether the last class says that a query found nothing: in DETR and YOLOS, not in RT-DETR, D-FINE or Deformable DETR. */
function hasNoObject({ outputs, graph, config, labels }: NetworkFacts, width: number): boolean {
  const { model_type: type } = config;
  if (typeof type === 'string') return /^(detr|yolos|table-transformer)/.test(type);
  if (labels) return labels.length === width - 1;
  const scores = outputs.find(({ name }) => /logit|score/i.test(name))!;
  const activation = activationOf(graph, scores.name);
  return activation ? activation === 'softmax' : scores.shape[1] === DETR_QUERIES;
}

/** Probabilities `[Q · C]` in which each query has its best class alone. */
function bestOfEach(net: NetworkTail, flat: string, queries: number, classes: number): string {
  const rows = net.reshape(flat, [queries, classes]);
  const isBest = net.binary('greater-or-equal', rows, net.reduce('max', rows, 1));
  return net.reshape(net.where(isBest, rows, net.numbers('zero', [1, 1], [0])), [queries * classes]);
}

export const detr = queries('detr', 'logits [1, Q, C + 1] and pred_boxes [1, Q, 4] (DETR, YOLOS)', true);
export const rtDetr = queries('rt-detr', 'logits [1, Q, C] and pred_boxes [1, Q, 4] (RT-DETR, D-FINE)', false);
