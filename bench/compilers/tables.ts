import {
  type Analysis,
  type BetterCandidate,
  type ChipReport,
  groupBy,
  hotLoop,
  type PipelineReport,
  type Priced,
  spills,
} from './analyse';
import { chipOf, peakOf } from './chips';
import type { MachineCode } from './machine-code';
import { LAUNCH_US } from './model';

/** Columns as wide as what is in them; text to the left, numbers to the right. */
export function columns(rows: readonly (readonly (string | number)[])[], indent = '  '): string {
  const texts = rows.map((row) => row.map(String));
  const widths = texts[0].map((_, i) => Math.max(...texts.map((row) => row[i]?.length ?? 0)));
  const isText = texts[0].map((_, i) =>
    rows.slice(1).every((row) => typeof row[i] === 'string' && !/^[\d.]+( %)?$/.test(String(row[i]))),
  );
  return texts
    .map(
      (row) =>
        indent +
        row
          .map((text, i) => (isText[i] ? text.padEnd(widths[i]) : text.padStart(widths[i])))
          .join('  ')
          .trimEnd(),
    )
    .join('\n');
}

export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`;

export function networkTable({ chip, networks }: ChipReport): string {
  const { title, units } = chipOf(chip);
  const teraflops = (peakOf(chipOf(chip)) / 1e12).toFixed(1);
  const rows = Object.entries(networks).map(([name, network]) => {
    const [[part, share]] = Object.entries(network.bounds);
    const ms = [network.gpuMs, network.totalMs].map((value) => value.toFixed(3));
    const shares = [percent(network.shareOfPeak, 1), percent(network.smallGrids), percent(network.spillingFlops)];
    return [name, network.launches, ...ms, ...shares, `${part} ${percent(share)}`];
  });
  const header = ['network', 'launches', 'GPU ms', 'total ms', 'of peak', 'small grids', 'spilling', 'bound by'];
  const totals = ['gpuMs', 'totalMs'] as const;
  const all = totals.map((key) =>
    Object.values(networks)
      .reduce((sum, network) => sum + network[key], 0)
      .toFixed(3),
  );
  const launches = Object.values(networks).reduce((sum, network) => sum + network.launches, 0);
  if (rows.length > 1) rows.push(['all', launches, ...all, '', '', '', '']);
  return `${chip}: ${title}, ${teraflops} TFLOP/s, ${units} units; modelled, ${LAUNCH_US} µs a launch\n${columns([header, ...rows])}`;
}

/** Pipelines that spill, by shader and tile. */
export function spillTable({ chip, pipelines }: ChipReport): string {
  const spilling = pipelines.filter(spills);
  const count = `${chip}: ${spilling.length} of ${pipelines.length} pipelines spill`;
  if (spilling.length === 0) return count;
  const span = (own: readonly PipelineReport[], key: 'spills' | 'fills' | 'scratchBytes'): string => {
    const values = own.map((pipeline) => pipeline[key]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? String(least) : `${least}–${most}`;
  };
  const rows = [...groupBy(spilling, ({ shader, setting }) => `${shader} ${setting}`.trim())].map(([name, own]) => [
    name,
    own.length,
    ...(['spills', 'fills', 'scratchBytes'] as const).map((key) => span(own, key)),
  ]);
  return `${count}\n${columns([['kernel', 'pipelines', 'spills', 'fills', 'scratch bytes'], ...rows])}`;
}

/** Dispatches of a network in their order, or the slowest. */
export function dispatchTable(priced: readonly Priced[]): string {
  const total = priced.reduce((sum, { cost }) => sum + cost.us, 0);
  const rows = priced.map(({ dispatch, code, cost }) => {
    const { inputs, outputs, shader, setting } = dispatch;
    const shape = (shapes: readonly (readonly number[])[]): string => `[${shapes[0]?.slice(1).join(', ') ?? ''}]`;
    const { registers, waves, spills: spilled } = code.registers;
    return [
      `${shader} ${setting}`.trim(),
      `${shape(inputs)} → ${shape(outputs)}`,
      dispatch.workgroups.join('×'),
      cost.waves,
      cost.turns,
      registers,
      waves,
      spilled,
      cost.us.toFixed(1),
      percent(cost.us / total),
      cost.bound,
    ];
  });
  const header = [
    'shader',
    'shapes',
    'workgroups',
    'waves',
    'turns',
    'registers',
    'waves held',
    'spills',
    'µs',
    'share',
    'bound by',
  ];
  return columns([header, ...rows]);
}

export function candidateTable(better: readonly BetterCandidate[]): string {
  const rows = better.map((row) => [
    row.op,
    row.default,
    row.better,
    row.nodes,
    row.usBefore.toFixed(1),
    row.usAfter.toFixed(1),
  ]);
  return columns([['operator', 'default', 'faster by the model', 'nodes', 'µs', 'µs then'], ...rows]);
}

/** What there is to say beside the tables. */
export function remarks({ report: { chip }, withoutPipeline, unknownLoops }: Analysis): string[] {
  const lost = withoutPipeline.length;
  return [
    ...(lost > 0 ? [`${chip}: ${lost} dispatches did not compile and are left out of all figures`] : []),
    ...(unknownLoops.length > 0
      ? [`${chip}: one turn is counted of loops that loops.ts does not know: ${unknownLoops.join(', ')}`]
      : []),
  ];
}

/** One pipeline, as `try` shows it. */
export function codeText(code: MachineCode): string {
  const { registers, spills: spilled, fills, scratchBytes, workgroupBytes, waves, instructions } = code.registers;
  const hot = hotLoop(code);
  const lines = [
    `${registers} registers, ${waves} waves of ${code.pipeline.subgroup} a SIMD, ${spilled} spills, ${fills} fills, ` +
      `${scratchBytes} bytes of scratch, ${workgroupBytes} of workgroup memory, ${instructions} instructions`,
  ];
  if (hot) {
    const mix = Object.entries(hot.mix).map(([kind, count]) => `${count} ${kind}`);
    lines.push(
      `hot loop: ${hot.multiplyAdds} multiply-adds, ${percent(hot.multiplyAdds / hot.arithmetic)} of its arithmetic and ` +
        `${percent(hot.multiplyAdds / hot.instructions)} of all; ${hot.cycles} cycles, first cache ` +
        `${(code.chip.simds * hot.cacheCycles).toFixed(0)}, a wave alone ${hot.cyclesAlone}; ${percent(hot.shareOfPeak)} of peak`,
      `  ${mix.join(', ')}`,
    );
  }
  return lines.join('\n');
}
