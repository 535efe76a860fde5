import { type ChipReport, type PipelineReport, pipelineKey, spills } from './analyse';
import { columns, percent } from './tables';

/** Modelled totals may grow by this before a check fails: rounding of turns and waves moves them a little. */
const ALLOWED_GROWTH = 1.03;

/** Networks that both reports have. */
const sharedNetworks = (before: ChipReport, after: ChipReport): string[] =>
  Object.keys(after.networks).filter((name) => name in before.networks);

const totalMs = ({ networks }: ChipReport, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + networks[name].totalMs, 0);

/** Ratios below 1 are faster. */
export function comparisonTable(before: ChipReport, after: ChipReport): string {
  const names = sharedNetworks(before, after);
  const rows = names.map((name) => {
    const [a, b] = [before.networks[name], after.networks[name]];
    return [
      name,
      `${a.launches} → ${b.launches}`,
      `${a.gpuMs.toFixed(3)} → ${b.gpuMs.toFixed(3)}`,
      (b.gpuMs / a.gpuMs).toFixed(2),
      `${a.totalMs.toFixed(3)} → ${b.totalMs.toFixed(3)}`,
      (b.totalMs / a.totalMs).toFixed(2),
      `${percent(a.spillingFlops)} → ${percent(b.spillingFlops)}`,
    ];
  });
  const [a, b] = [before, after].map((report) => totalMs(report, names));
  rows.push(['all', '', '', '', `${a.toFixed(3)} → ${b.toFixed(3)}`, (b / a).toFixed(2), '']);
  const header = ['network', 'launches', 'GPU ms', 'ratio', 'total ms', 'ratio', 'spilling'];
  return `${after.chip}, modelled:\n${columns([header, ...rows])}`;
}

/** A pipeline that spills more than it may. */
function isWorse(pipeline: PipelineReport, known: PipelineReport | undefined): boolean {
  if (!spills(pipeline)) return false;
  return !known || pipeline.spills > known.spills || pipeline.scratchBytes > known.scratchBytes;
}

/**
 * What keeps a change from landing: a kernel chosen by default that spills where the committed report has none or fewer, and a
 * modelled total that has grown.
 *
 * @param committed of more networks than `after`, perhaps
 * @returns a sentence for each
 */
export function regressions(committed: ChipReport, after: ChipReport): string[] {
  const known = new Map(committed.pipelines.map((pipeline) => [pipelineKey(pipeline), pipeline]));
  const worse = after.pipelines.filter((pipeline) => isWorse(pipeline, known.get(pipelineKey(pipeline))));
  const names = sharedNetworks(committed, after);
  const [least, now] = [totalMs(committed, names), totalMs(after, names)];
  return [
    ...worse.map(
      ({ shader, setting, constants, spills, scratchBytes }) =>
        `${after.chip}: ${shader} ${setting} spills ${spills} registers and takes ${scratchBytes} bytes of scratch ` +
        `(${JSON.stringify(constants)}), more than is committed`,
    ),
    ...(now > ALLOWED_GROWTH * least
      ? [`${after.chip}: a modelled total of ${now.toFixed(3)} ms, where ${least.toFixed(3)} ms are committed`]
      : []),
  ];
}
