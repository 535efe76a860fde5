import type { Precision } from '../../src/gpu/plan';
import { COLD, jobOf } from '../jobs';
import type { BenchNetwork } from '../networks';
import type { Listener, Place, PlaceReport } from './place';
import type { Group, Part } from './schedule';

/** Shares of a place's time. */
const SHARES = {
  adapter: 5,
  costs: 3,
  bounds: 6,
  cases: { f32: 13, f16: 8 },
  frames: 36,
  variants: { f32: 20, f16: 9 },
};
export const PRECISIONS = ['f32', 'f16'] as const;

export const emptyReport = (): PlaceReport => ({ cases: [], frames: [], layers: [], variants: [] });

export const offers = ({ description }: PlaceReport, precision: Precision): boolean =>
  precision === 'f32' || description?.adapter.shaderF16 === true;

/**
 * All that is measured in a place, written into `report` as it comes.
 *
 * @param downloadedBytes since the last network began
 */
export function groupsOf(
  { name, origin, call }: Place,
  networks: readonly BenchNetwork[],
  report: PlaceReport,
  downloadedBytes: () => number,
  { say, problem }: Listener,
): Group[] {
  const part = (what: string, run: Part['run']): Part => ({ name: `${name}, ${what}`, share: 1, run });
  const group = (share: number, ...parts: readonly Part[]): Group => ({ share, parts });
  const jobs = networks.map((network) => jobOf(network, origin));

  const adapter = part('adapter', async (_, mostMs) => {
    report.description = await call('describe', undefined, mostMs);
    const { adapter, subgroups } = report.description;
    say(`  ${adapter.name}${adapter.software ? ' (software)' : ''}, subgroups of ${subgroups.join(' to ')}`);
  });
  const costs = part('launches and submissions', async (ms, mostMs) => {
    report.costs = await call('costs', { ms }, mostMs);
    say(
      `  ${Object.entries(report.costs)
        .map(([key, us]) => `${key} ${us.toFixed(1)}`)
        .join(', ')}`,
    );
  });
  const roofline = part('roofline', async (_, mostMs) => {
    report.bounds = await call('bounds', undefined, mostMs);
    const { multiplyAddsPerSecond, bytesPerSecond, launchMs } = report.bounds;
    const [adds, bytes] = [multiplyAddsPerSecond, bytesPerSecond].map((rate) => (rate / 1e9).toFixed(1));
    say(`  ${adds} G multiply-adds/s, ${bytes} GB/s, ${(1000 * launchMs).toFixed(1)} µs a launch`);
  });
  const cases = (precision: Precision): Part =>
    part(`kernel cases ${precision}`, async (ms, mostMs) => {
      if (!offers(report, precision)) return say('  the adapter has no float16');
      const counts = await call('cases', { precision, ms }, mostMs);
      report.cases.push(counts);
      say(`  ${counts.ran - counts.failed} of ${counts.ran} passed, of ${counts.cases} there are`);
      for (const failure of counts.failures) problem(`${name}: kernel case ${precision}: ${failure}`);
    });
  const frames = (job: (typeof jobs)[number]): Part =>
    part(job.network.name, async (ms, mostMs) => {
      const precisions = PRECISIONS.filter((precision) => offers(report, precision));
      const result = await call('frames', { ...job, cold: origin + COLD, precisions, ms }, mostMs);
      report.frames.push(...result.frames.map((row) => ({ ...row, downloadBytes: downloadedBytes() })));
      report.layers.push(...result.layers);
      for (const line of result.problems) problem(`${name}: ${line}`);
      const times = result.frames.map(
        ({ precision, tuned, gpuMs }) => `${precision}${tuned ? ' tuned' : ''} ${gpuMs.toFixed(3)} ms`,
      );
      say(`  ${times.join(', ')}`);
    });
  const variants = (precision: Precision): Part =>
    part(`variants ${precision}`, async (ms, mostMs) => {
      if (!offers(report, precision)) return say('  the adapter has no float16');
      const job = { networks: jobs.map(({ network }) => network), precision, ms };
      const result = await call('variants', job, mostMs);
      report.variants.push(result);
      say(`  ${result.measured.length} of ${result.kinds} kinds of layers`);
    });

  return [
    group(SHARES.adapter, adapter),
    group(SHARES.costs, costs),
    group(SHARES.bounds, roofline),
    ...PRECISIONS.map((precision) => group(SHARES.cases[precision], cases(precision))),
    group(SHARES.frames, ...jobs.map(frames)),
    ...PRECISIONS.map((precision) => group(SHARES.variants[precision], variants(precision))),
  ];
}
