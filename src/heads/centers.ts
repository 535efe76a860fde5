import { type Head, isFloat, isRank, type NetworkFacts, type OutputInfo } from './head';
import type { NetworkTail } from './network-tail';
import { activationOf } from './origin';
import { sortRows } from './suppression';
import { USUAL } from './usual';

/** As many peaks as CenterNet's own code looks at. */
const MOST_PEAKS = 100;
/** The finest map of peaks is four times smaller than the picture. */
const LEAST_STRIDE = 4;

interface Maps {
  readonly heat: OutputInfo;
  readonly sizes: OutputInfo;
  readonly offsets: OutputInfo;
}

/**
 * Objects as points (Zhou et al. 2019, "CenterNet", section 3): peaks of a map for each class `[1, C, h, w]` are centres,
 * beside a box's width and height `[1, 2, h, w]` and the centre's offset within its cell `[1, 2, h, w]`, all in cells.
 * A peak is what no neighbour exceeds; nothing is suppressed.
 */
export const centers: Head = {
  name: 'centernet',
  task: 'detect',
  reads: 'maps of peaks [1, C, h, w], of sizes [1, 2, h, w] and of offsets [1, 2, h, w] (CenterNet)',
  recognise(network) {
    const maps = mapsOf(network);
    if (!maps) return undefined;
    return {
      classes: maps.heat.shape[1],
      usual: { ...USUAL.imagenetWhole, channels: 'bgr', ...CENTERNET },
      append: (net) => decode(net, maps, network),
    };
  },
};

/** By the code that it was published with. */
const CENTERNET = { mean: [0.408, 0.447, 0.47], std: [0.289, 0.274, 0.278] } as const;

function mapsOf({ outputs, size: [height, width], options }: NetworkFacts): Maps | undefined {
  const maps = outputs.filter((output) => isRank(output, 4) && isFloat(output));
  const [heat] = [maps.find(({ name }) => /heat|^hm/i.test(name)) ?? maps.find(({ shape }) => shape[1] !== 2)];
  if (!heat || maps.length !== 3) return undefined;
  const [, , h, w] = heat.shape;
  const isAlike = ({ shape }: OutputInfo): boolean => shape[1] === 2 && shape[2] === h && shape[3] === w;
  const others = maps.filter((map) => map !== heat && isAlike(map));
  if (others.length !== 2 || h * LEAST_STRIDE > height || w * height !== h * width) return undefined;
  const isNamed = /wh|size/i.test(others[0].name) || /reg|off/i.test(others[1].name);
  const isSwapped = /wh|size/i.test(others[1].name) || /reg|off/i.test(others[0].name);
  if (!isNamed && !isSwapped && options.name !== 'centernet') return undefined;
  const [sizes, offsets] = isSwapped ? [others[1], others[0]] : others;
  return { heat, sizes, offsets };
}

function decode(net: NetworkTail, { heat, sizes, offsets }: Maps, { graph, options }: NetworkFacts): string[] {
  const [, classes, h, w] = heat.shape;
  const cells = h * w;
  const { activation = activationOf(graph, heat.name) ? 'none' : 'sigmoid' } = options;
  const own = net.own(heat.name);
  const scores = activation === 'none' ? own : net.unary('sigmoid', own);
  const window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1], ceilMode: false } as const;
  const [greatest] = net.add('max-pool2d', [scores], window);
  const isPeak = net.binary('equal', scores, greatest);
  const peaks = net.reshape(net.where(isPeak, scores, net.numbers('zero', [1], [0])), [classes * cells]);
  const k = Math.min(MOST_PEAKS, classes * cells);
  const [best, at] = net.add('top-k', [peaks], { k, axis: 0, largest: true });
  const cell = net.binary('mod', at, cells);
  const values = ({ name }: OutputInfo): string =>
    net.gather(net.transpose(net.reshape(net.own(name), [2, cells]), [1, 0]), cell, 0);
  const row = net.binary('div', cell, w);
  const place = [net.binary('sub', cell, net.binary('mul', row, w)), row].map((part) =>
    net.reshape(net.cast(part, 'float32'), [k, 1]),
  );
  const centre = net.binary('add', net.concat(place, 1), values(offsets));
  const half = net.binary('mul', values(sizes), 0.5);
  const inCells = net.concat([net.binary('sub', centre, half), net.binary('add', centre, half)], 1);
  return sortRows(net, {
    corners: net.binary('mul', inCells, net.numbers('cells', [1, 4], [1 / w, 1 / h, 1 / w, 1 / h])),
    scores: best,
    classes: net.cast(net.binary('div', at, cells), 'float32'),
    options,
  });
}
