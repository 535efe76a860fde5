import { type Head, isFloat, isRank, type OutputInfo } from './head';
import type { NetworkTail } from './network-tail';
import { USUAL } from './usual';

/**
 * A person who fills the picture: one map for each point `[1, K, h, w]`, whose highest place counts (ViTPose, HRNet). The
 * place is refined by the slopes around it (Zhang et al. 2020, "Distribution-aware coordinate representation", section 3.2),
 * and the outer cells lie on the picture's edges (Huang et al. 2020, "The devil is in the details", section 3).
 */
export const heatMaps: Head = {
  name: 'heat-maps',
  task: 'pose',
  reads: 'a map for each point, [1, K, h, w] (ViTPose, HRNet)',
  recognise(network) {
    const [height, width] = network.size;
    const isMaps = (o: OutputInfo): boolean =>
      isRank(o, 4) && isFloat(o) && o.shape[1] > 3 && o.shape[2] * width === o.shape[3] * height;
    const output = network.outputs.find(isMaps);
    if (!output) return undefined;
    const [, points, h, w] = output.shape;
    return {
      classes: 1,
      names: ['person'],
      usual: USUAL.person,
      append(net) {
        const flat = net.reshape(net.own(output.name), [points, h * w]);
        const [best, at] = net.add('top-k', [flat], { k: 1, axis: 1, largest: true });
        const place = net.cast(at, 'float32');
        const row = net.unary('floor', net.binary('div', net.binary('add', place, 0.5), w));
        const column = net.binary('sub', place, net.binary('mul', row, w));
        const [across, down] = refinement(net, net.reshape(flat, [points, h, w]), at);
        const share = (cell: string, step: string, cells: number): string =>
          net.binary('div', net.binary('sub', cell, step), Math.max(cells - 1, 1));
        return onePerson(net, share(column, across, w), share(row, down, h), best);
      },
    };
  },
};

/** Of the blur before the slopes, in cells. */
const SIGMA = 0.8;
const RADIUS = 5;

/**
 * How far each map's highest place is to be moved against its slope, `[K, 1]` across and down: Newton's step in the logarithm
 * of the blurred map, H⁻¹ · g. Blur, neighbours and second differences are products with matrices; the values at the place are
 * sums over a mask.
 */
function refinement(net: NetworkTail, maps: string, at: string): [across: string, down: string] {
  const [points, h, w] = net.shape(maps);
  const along = (matrix: Band, length: number, name: string): string =>
    net.numbers(name, [1, length, length], banded(length, matrix));
  const product = (a: string, b: string): string => net.add('matmul', [a, b], {})[0];
  // Matrices act on columns from the left and on rows, as their transposes, from the right.
  const onRows = (x: string, matrix: Band, name: string): string => product(along(matrix, h, `${name}-down`), x);
  const onColumns = (x: string, matrix: Band, name: string): string =>
    product(x, along(transposed(matrix), w, `${name}-across`));
  const blurred = onColumns(onRows(maps, BLUR, 'blur'), BLUR, 'blur');
  const log = net.unary('log', net.binary('min', net.binary('max', blurred, 1e-3), 50));
  const numbers = net.numbers(
    'cell',
    [1, h * w],
    Float32Array.from({ length: h * w }, (_, k) => k),
  );
  const isPlace = net.cast(net.binary('equal', numbers, net.cast(at, 'float32')), 'float32');
  const there = (x: string): string =>
    net.reduce('sum', net.binary('mul', net.reshape(x, [points, h * w]), isPlace), 1);
  const [gx, gy] = [there(onColumns(log, SLOPE, 'slope')), there(onRows(log, SLOPE, 'slope'))];
  const [cx, cy] = [onColumns(log, BEND, 'bend'), onRows(log, BEND, 'bend')];
  const [xx, yy] = [cx, cy].map((bend) => net.binary('add', there(bend), EPSILON));
  // Both diagonal neighbours, less what the straight ones and the middle are.
  const diagonals = net.binary(
    'add',
    onColumns(onRows(log, NEXT, 'next'), NEXT, 'next'),
    onColumns(onRows(log, BEFORE, 'before'), BEFORE, 'before'),
  );
  const twice = net.binary('sub', net.binary('sub', net.binary('sub', diagonals, cx), cy), net.binary('mul', log, 2));
  const xy = net.binary('mul', there(twice), 0.5);
  const times = (a: string, b: string): string => net.binary('mul', a, b);
  const determinant = net.binary('sub', times(xx, yy), times(xy, xy));
  // No slope tells of what lies farther than the next cell.
  const solved = (a: string, b: string): string =>
    net.binary('min', net.binary('max', net.binary('div', net.binary('sub', a, b), determinant), -1), 1);
  return [solved(times(yy, gx), times(xy, gy)), solved(times(xx, gy), times(xy, gx))];
}

/** Keeps flat maps from a division by nothing: float32's spacing at 1. */
const EPSILON = 2 ** -23;

/** What a cell takes of the cell at a distance; `edges` says which cell stands for one beyond the edge. */
interface Band {
  readonly reach: number;
  readonly edges: 'repeat' | 'mirror';
  readonly flipped?: true;
  weight(distance: number): number;
}

const transposed = (band: Band): Band => ({ ...band, flipped: true });

/** `[length, length]`, row by row. */
function banded(length: number, { reach, edges, flipped, weight }: Band): Float32Array {
  const matrix = new Float32Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let distance = -reach; distance <= reach; distance++) {
      const from =
        edges === 'repeat' ? Math.min(Math.max(i + distance, 0), length - 1) : mirrored(i + distance, length);
      matrix[flipped ? from * length + i : i * length + from] += weight(distance);
    }
  }
  return matrix;
}

/** Behind the last cell comes the last again, then the one before it. */
function mirrored(cell: number, length: number): number {
  const at = ((cell % (2 * length)) + 2 * length) % (2 * length);
  return at < length ? at : 2 * length - 1 - at;
}

const gaussian = (distance: number): number => Math.exp(-0.5 * (distance / SIGMA) ** 2);
const TOTAL = Array.from({ length: 2 * RADIUS + 1 }, (_, k) => gaussian(k - RADIUS)).reduce((a, b) => a + b);

const BLUR: Band = { reach: RADIUS, edges: 'mirror', weight: (d) => gaussian(d) / TOTAL };
const SLOPE: Band = { reach: 1, edges: 'repeat', weight: (d) => d / 2 };
const BEND: Band = { reach: 1, edges: 'repeat', weight: (d) => (d === 0 ? -2 : 1) };
const NEXT: Band = { reach: 1, edges: 'repeat', weight: (d) => Number(d === 1) };
const BEFORE: Band = { reach: 1, edges: 'repeat', weight: (d) => Number(d === -1) };

/** One row, whose box is around all points and whose score is their mean. @param x `[K, 1]` in 0..1 */
export function onePerson(net: NetworkTail, x: string, y: string, scores: string): string[] {
  const [points] = net.shape(x);
  const edge = (fn: 'min' | 'max', of: string): string => net.reduce(fn, of, 0);
  const mean = net.reduce('mean', scores, 0);
  const row = [edge('min', x), edge('min', y), edge('max', x), edge('max', y), mean, net.binary('mul', mean, 0)];
  const detections = net.concat(row, 1, 'detections');
  const keypoints = net.reshape(net.concat([x, y, scores], 1), [1, points * 3], 'keypoints');
  return [detections, keypoints];
}
