import type { Report, Row } from '../bench/report';
import { byId, make, milliseconds } from './dom';
import { networkLabel } from './network-label';

/** One for each adapter on which engines ran in a browser; fetched when the section is seen. */
const REPORTS = import.meta.glob<Report>(
  ['../bench/results/*.json', '!../bench/results/*-dawn-in-node.json', '!../bench/results/compilers-*.json'],
  {
    import: 'default',
  },
);

const ENGINES: Readonly<Record<Row['engine'], string>> = {
  fovea: 'Fovea',
  'ort-webgpu': 'ONNX Runtime Web',
  tfjs: 'TensorFlow.js',
  litert: 'LiteRT.js',
  'ort-wasm': 'ONNX Runtime Web, wasm without GPU',
};

/** Shows what was measured: a table with bars for each network. */
export async function showBenchmark(): Promise<void> {
  const loaded = await Promise.all(Object.values(REPORTS).map((load) => load()));
  const besideOthers = loaded.filter(({ rows }) => rows.some(({ engine }) => engine !== 'fovea'));
  // A graphics card tells more than a CPU.
  const reports = besideOthers.sort((a, b) => Number(a.software) - Number(b.software));
  const choice = byId<HTMLSelectElement>('benchmark-adapter');
  choice.replaceChildren(...reports.map(({ adapter }, i) => make('option', { value: i }, adapter)));
  choice.parentElement!.hidden = reports.length < 2;
  const show = (): void => {
    if (reports.length > 0) showReport(reports[Number(choice.value)]);
  };
  choice.addEventListener('change', show);
  show();
}

function showReport({ adapter, date, software, rows }: Report): void {
  byId('benchmark-about').textContent = software
    ? `Measured on ${date.slice(0, 10)} on ${adapter}, a software adapter: a CPU computed everything, and on a graphics card the ratios will differ.`
    : `Measured on ${date.slice(0, 10)} on ${adapter}.`;
  const networks = [...new Set(rows.map(({ network }) => network))];
  byId('benchmark-tables').replaceChildren(
    ...networks.map((network) =>
      networkTable(
        network,
        rows.filter((row) => row.network === network),
      ),
    ),
  );
}

function networkTable(network: string, rows: readonly Row[]): HTMLTableElement {
  const fovea = rows.find(({ engine }) => engine === 'fovea');
  const slowest = Math.max(...rows.map(({ steadyMedianMs }) => steadyMedianMs));
  const times = (ms: number, own: number | undefined): string => (own ? `${ratio(ms / own)} ×` : '');
  const time = (ms: number): HTMLElement => make('span', { class: 'duration' }, duration(ms));
  const body = rows.map((row) => {
    const bar = make('span', { class: 'length', 'aria-hidden': true });
    bar.style.width = `${(100 * row.steadyMedianMs) / slowest}%`;
    return make(
      'tr',
      row.engine === 'fovea' ? { class: 'ours' } : {},
      make('th', { scope: 'row' }, ENGINES[row.engine]),
      make(
        'td',
        {},
        time(row.steadyMedianMs),
        ' ',
        make('b', {}, times(row.steadyMedianMs, fovea?.steadyMedianMs)),
        bar,
      ),
      make('td', {}, time(row.coldMs), ' ', make('b', {}, times(row.coldMs, fovea?.coldMs))),
    );
  });
  const headings = ['Engine', 'A frame', 'First answer'].map((heading) => make('th', { scope: 'col' }, heading));
  return make(
    'table',
    {},
    make('caption', {}, networkLabel(network)),
    make('thead', {}, make('tr', {}, ...headings)),
    make('tbody', {}, ...body),
  );
}

const duration = (ms: number): string => (ms >= 1000 ? `${ratio(ms / 1000)} s` : milliseconds(ms));

/** Two digits, more before the point. */
const ratio = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toPrecision(2));
