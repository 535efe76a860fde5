import type { Report, Row } from '../bench/report';
import { type Axis, axisOf, dotPlot, ENGINES } from './benchmark-plot';
import { byId, digits, make, milliseconds } from './dom';
import { networkLabel } from './network-label';

/** One for each adapter on which engines ran in a browser; fetched when the section is seen. */
const REPORTS = import.meta.glob<Report>(
  ['../bench/results/*.json', '!../bench/results/*-dawn-in-node.json', '!../bench/results/compilers-*.json'],
  {
    import: 'default',
  },
);

type Measure = 'steadyMedianMs' | 'coldMs';

/** One network's times, by engine. */
interface Line {
  readonly network: string;
  readonly rows: readonly Row[];
  readonly ours: number | undefined;
  /** How many times what Fovea takes the best other engine on the same adapter takes. */
  readonly ratio: number | undefined;
}

/** Ways to sort, by the column's heading. */
const SORTS = {
  Network: (a: Line, b: Line) => networkLabel(a.network).localeCompare(networkLabel(b.network)),
  Fovea: (a: Line, b: Line) => (a.ours ?? Infinity) - (b.ours ?? Infinity),
  'Next on WebGPU': (a: Line, b: Line) => (b.ratio ?? 0) - (a.ratio ?? 0),
} as const;

/** Shows what was measured: all networks in one chart on a logarithmic axis, sorted as somebody likes. */
export async function showBenchmark(): Promise<void> {
  const loaded = await Promise.all(Object.values(REPORTS).map((load) => load()));
  const isBesideOthers = ({ rows }: Report): boolean => rows.some(({ engine }) => engine !== 'fovea');
  // A graphics card tells more than a CPU, even of Fovea alone; other engines beside it tell more yet.
  const reports = loaded
    .filter((report) => isBesideOthers(report) || !report.software)
    .sort((a, b) => Number(a.software) - Number(b.software) || Number(isBesideOthers(b)) - Number(isBesideOthers(a)));
  const choice = byId<HTMLSelectElement>('benchmark-adapter');
  choice.replaceChildren(...reports.map(({ adapter }, i) => make('option', { value: i }, adapter)));
  choice.parentElement!.hidden = reports.length < 2;
  const measure = byId<HTMLSelectElement>('benchmark-measure');
  let sort: keyof typeof SORTS = 'Next on WebGPU';
  const show = (): void => {
    const report = reports[Number(choice.value)];
    if (report)
      showReport(report, measure.value as Measure, sort, (by) => {
        sort = by;
        show();
        byId('benchmark-chart').querySelector<HTMLElement>(`[data-sort="${by}"]`)?.focus();
      });
  };
  choice.addEventListener('change', show);
  measure.addEventListener('change', show);
  show();
}

function showReport(
  { adapter, date, software, rows }: Report,
  measure: Measure,
  sort: keyof typeof SORTS,
  onSort: (by: keyof typeof SORTS) => void,
): void {
  byId('benchmark-about').textContent = software
    ? `Measured on ${date.slice(0, 10)} on ${adapter}, a software adapter: a CPU computed everything, and on a graphics card the ratios will differ.`
    : `Measured on ${date.slice(0, 10)} on ${adapter}.`;
  const lines = [...new Set(rows.map(({ network }) => network))].map((network): Line => {
    const own = rows.filter((row) => row.network === network);
    const ours = own.find(({ engine }) => engine === 'fovea')?.[measure];
    const others = own.filter(({ engine }) => !['fovea', 'ort-wasm'].includes(engine)).map((row) => row[measure]);
    return { network, rows: own, ours, ratio: ours && others.length > 0 ? Math.min(...others) / ours : undefined };
  });
  const axis = axisOf(rows.map((row) => row[measure]));
  const heading = (name: keyof typeof SORTS): HTMLElement => {
    const button = make('button', { type: 'button', 'data-sort': name }, name);
    button.addEventListener('click', () => onSort(name));
    const order = name === 'Next on WebGPU' ? 'descending' : 'ascending';
    return make('th', { scope: 'col', 'aria-sort': name === sort && order }, button);
  };
  const head = make('tr', {}, heading('Network'), axisHeading(axis), heading('Fovea'), heading('Next on WebGPU'));
  byId('benchmark-chart').replaceChildren(
    make('caption', { class: 'hidden' }, 'Times of all engines on all networks'),
    make('thead', {}, head),
    make('tbody', {}, ...lines.toSorted(SORTS[sort]).map((line) => lineOf(line, measure, axis))),
  );
  byId('benchmark-legend').replaceChildren(
    ...Object.entries(ENGINES)
      .filter(([engine]) => rows.some((row) => row.engine === engine))
      .map(([engine, { name }]) => make('li', {}, make('span', { class: `dot ${engine}` }), name)),
  );
}

function axisHeading({ ticks, at }: Axis): HTMLElement {
  const scale = make('div', { class: 'dots', 'aria-hidden': 'true' });
  for (const tick of ticks) {
    const label = make('span', { class: 'tick' }, duration(tick));
    label.style.left = `${100 * at(tick)}%`;
    scale.append(label);
  }
  return make(
    'th',
    { scope: 'col', class: 'axis' },
    make('span', { class: 'hidden' }, 'Times, on a logarithmic axis'),
    scale,
  );
}

function lineOf({ network, rows, ours, ratio }: Line, measure: Measure, axis: Axis): HTMLElement {
  const said = rows.map((row) => `${ENGINES[row.engine].name} ${duration(row[measure])}`).join(', ');
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, networkLabel(network)),
    make(
      'td',
      { class: 'plot' },
      dotPlot(rows, (row) => row[measure], axis, said, duration),
    ),
    make('td', {}, ours === undefined ? '' : duration(ours)),
    make('td', {}, ratio === undefined ? '' : `${digits(ratio)} ×`),
  );
}

const duration = (ms: number): string => (ms >= 1000 ? `${digits(ms / 1000)} s` : milliseconds(ms));
