import type { GraphNode, Tensor } from '../../../src';
import { make } from '../../dom';
import type { Looked } from '../looked';
import { short } from '../steps';
import { type Corners, drawBoxes } from './boxes';

/** Centre and size as shares of the network's input. */
type Centred = readonly [x: number, y: number, width: number, height: number];

/** One box of an SSD head: the default box, the offsets that the network found, and where they move it. */
export interface DecodeSteps {
  readonly box: number;
  readonly preset: Centred;
  readonly offsets: Centred;
  readonly moved: Centred;
  readonly corners: Corners;
}

/** Takes one box apart, in float64. Liu et al. 2016, section 2.2. */
export function decodeAt(
  { attributes }: GraphNode<'ssd-decode'>,
  offsets: Tensor,
  defaults: Tensor,
  box: number,
): DecodeSteps {
  const four = ({ data }: Tensor, at: number): Centred => {
    const [x, y, width, height] = Array.from(data.subarray(4 * at, 4 * at + 4), Number);
    return [x, y, width, height];
  };
  const [dx, dy, dw, dh] = four(offsets, box);
  const [x, y, width, height] = four(defaults, box % (defaults.size / 4));
  const [centerVariance, sizeVariance] = attributes.variances;
  const moved: Centred = [
    x + dx * centerVariance * width,
    y + dy * centerVariance * height,
    width * Math.exp(dw * sizeVariance),
    height * Math.exp(dh * sizeVariance),
  ];
  const limit = (value: number): number => (attributes.clip ? Math.min(Math.max(value, 0), 1) : value);
  const corners: Corners = [
    limit(moved[0] - moved[2] / 2),
    limit(moved[1] - moved[3] / 2),
    limit(moved[0] + moved[2] / 2),
    limit(moved[1] + moved[3] / 2),
  ];
  return { box, preset: [x, y, width, height], offsets: [dx, dy, dw, dh], moved, corners };
}

const cornersOf = ([x, y, width, height]: Centred): Corners => [
  x - width / 2,
  y - height / 2,
  x + width / 2,
  y + height / 2,
];

export function showDecode(looked: Looked, variances: readonly number[], steps: DecodeSteps): HTMLElement[] {
  const { box, preset, offsets, moved, corners } = steps;
  const row = (name: string, numbers: readonly number[]): HTMLElement =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, name),
      ...numbers.map((value) => make('td', { title: value }, short(value))),
    );
  const head = ['', 'centre x', 'centre y', 'width', 'height'].map((text) => make('th', { scope: 'col' }, text));
  const table = make(
    'table',
    { class: 'terms' },
    make(
      'caption',
      {},
      `Box ${box}. The centre moves by offset × ${variances[0]} × size, the size grows by e^(offset × ${variances[1]}).`,
    ),
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, row('default box', preset), row('offsets', offsets), row('box', moved)),
  );
  const canvas = drawBoxes(looked, `Default box ${box}, dashed, and the box that it became`, [
    { corners: cornersOf(preset), color: '#fff', dashed: true },
    { corners, color: '#ffd54a' },
  ]);
  return [table, make('p', { class: 'equation' }, `corners ${corners.map(short).join(', ')}`), canvas];
}
