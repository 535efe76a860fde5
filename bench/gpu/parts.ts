import type { Precision } from '../../src/gpu/plan';
import { COLD, jobOf } from '../jobs';
import type { BenchNetwork } from '../networks';
import type { Place, PlaceReport } from './place';
import type { Part } from './schedule';

/** Shares of a place's time. */
const SHARES = { costs: 2, bounds: 5, cases: { f32: 14, f16: 8 }, frames: 40, variants: { f32: 21, f16: 10 } };
const PRECISIONS = ['f32', 'f16'] as const;

export const emptyReport = (): PlaceReport => ({ cases: [], frames: [], layers: [], variants: [] });

/**
 * All that is measured in a place, written into `report` as it comes.
 *
 * @param downloadedBytes since the last network began
 * @param problem is told of what failed within a part that goes on
 */
export function partsOf(
  { name, origin, call }: Place,
  networks: readonly BenchNetwork[],
  report: PlaceReport,
  downloadedBytes: () => number,
  say: (line: string) => void,
  problem: (line: string) => void,
): Part[] {
  const part = (what: string, share: number, run: Part['run']): Part => ({ name: `${name}, ${what}`, share, run });
  const offers = (precision: Precision): boolean =>
    precision === 'f32' || report.description?.adapter.shaderF16 === true;
  const jobs = networks.map((network) => jobOf(network, origin));
  return [
    part('adapter', 0, async () => {
      report.description = await call('describe', undefined, 0);
      const { adapter, subgroups } = report.description;
      say(`  ${adapter.name}${adapter.software ? ' (software)' : ''}, subgroups of ${subgroups.join(' to ')}`);
    }),
    part('launches and submissions', SHARES.costs, async (ms) => {
      report.costs = await call('costs', { ms }, ms);
      const costs = Object.entries(report.costs).map(([key, us]) => `${key} ${us.toFixed(1)}`);
      say(`  ${costs.join(', ')}`);
    }),
    part('roofline', SHARES.bounds, async (ms) => {
      report.bounds = await call('bounds', undefined, ms);
      const { multiplyAddsPerSecond, bytesPerSecond, launchMs } = report.bounds;
      const [adds, bytes] = [multiplyAddsPerSecond, bytesPerSecond].map((rate) => (rate / 1e9).toFixed(1));
      say(`  ${adds} G multiply-adds/s, ${bytes} GB/s, ${(1000 * launchMs).toFixed(1)} µs a launch`);
    }),
    ...PRECISIONS.map((precision) =>
      part(`kernel cases ${precision}`, SHARES.cases[precision], async (ms) => {
        if (!offers(precision)) return say('  the adapter has no float16');
        const counts = await call('cases', { precision, ms }, ms);
        report.cases.push(counts);
        say(`  ${counts.ran - counts.failed} of ${counts.ran} passed, of ${counts.cases} there are`);
        for (const failure of counts.failures) problem(`${name}: kernel case ${precision}: ${failure}`);
      }),
    ),
    ...jobs.map((job) =>
      part(job.network.name, SHARES.frames / jobs.length, async (ms) => {
        const precisions = PRECISIONS.filter(offers);
        const { frames, layers, problems } = await call('frames', { ...job, cold: origin + COLD, precisions, ms }, ms);
        report.frames.push(...frames.map((row) => ({ ...row, downloadBytes: downloadedBytes() })));
        report.layers.push(...layers);
        for (const line of problems) problem(`${name}: ${line}`);
        const times = frames.map(
          ({ precision, tuned, gpuMs }) => `${precision}${tuned ? ' tuned' : ''} ${gpuMs.toFixed(3)} ms`,
        );
        say(`  ${times.join(', ')}`);
      }),
    ),
    ...PRECISIONS.map((precision) =>
      part(`variants ${precision}`, SHARES.variants[precision], async (ms) => {
        if (!offers(precision)) return say('  the adapter has no float16');
        const variants = await call('variants', { networks: jobs.map(({ network }) => network), precision, ms }, ms);
        report.variants.push(variants);
        say(`  ${variants.measured.length} of ${variants.kinds} kinds of layers`);
      }),
    ),
  ];
}
