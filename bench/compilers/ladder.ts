import { findRung, type LadderLayer, RUNGS, type Rung } from '../../demo/lessons/rungs';
import { tableOf } from '../../docs/lessons/numbers/blocks';
import { analyse, isComparable, type Priced } from './analyse';
import { type ChipName, chipOf } from './chips';
import type { Collected, CollectJob } from './collect';
import { runBefore } from './driver';
import { LAUNCH_US, shareOfPeak } from './model';

/** What a chip's compiler makes of each rung of the lesson's ladder, and how long the model thinks that it takes. */
export async function modelledLadder(chip: ChipName): Promise<string> {
  const networks = ['early', 'late'] as const satisfies readonly LadderLayer[];
  const job = { networks, precision: 'f32', candidates: true } as const;
  const { result, codes } = await runBefore<CollectJob, Collected>(chip, 'bench/compilers/collect.ts', job, {});
  const { priced } = analyse(chip, { precision: 'f32' }, result.dispatches, codes);
  const [early, late] = networks.map((layer) => priced.filter(({ dispatch }) => dispatch.network === layer));
  const rows = RUNGS.flatMap((rung) => {
    const parts = partsOf(early, rung);
    if (parts.length === 0) return [];
    const { kernel, setting } = parts[0].dispatch;
    const [us, rate, share] = timeOf(parts, chip);
    const [, lateRate] = timeOf(partsOf(late, rung), chip);
    const way = `${kernel} ${setting}`.trim();
    return [[way, rung.idea, parts.length, registersOf(parts), us, rate, share, lateRate]];
  });
  return [
    `Modelled for ${chipOf(chip).title}: its compiler ran, no GPU did. Each launch counts ${LAUNCH_US} µs.`,
    '',
    tableOf(
      ['Rung', 'Idea', 'Launches', 'Vector registers', 'µs', 'GFLOP/s', 'Of the peak', 'Late layer, GFLOP/s'],
      rows,
    ),
  ].join('\n');
}

/** The launches of a rung, where the chip has it. */
function partsOf(priced: readonly Priced[], rung: Rung): readonly Priced[] {
  const own = priced.filter(({ dispatch }) => dispatch.op === 'conv2d');
  const index = findRung(
    own.map(({ dispatch }) => dispatch),
    rung,
  );
  return own.filter(({ dispatch }) => dispatch.rank === own[index]?.dispatch.rank);
}

function timeOf(parts: readonly Priced[], chip: ChipName): readonly [us: string, rate: string, share: string] {
  if (!parts.every(isComparable)) return ['not modelled', '', ''];
  const us = parts.reduce((sum, { cost }) => sum + cost.us + LAUNCH_US, 0);
  const { flops } = parts[0].dispatch;
  return [us.toFixed(1), (flops / us / 1e3).toFixed(0), `${(100 * shareOfPeak(flops, us, chipOf(chip))).toFixed(0)} %`];
}

/** The most that a kernel of the rung takes. */
const registersOf = (parts: readonly Priced[]): string => {
  const most = Math.max(...parts.map(({ code }) => code.registers.registers));
  return parts.some(({ code }) => code.spills) ? `${most}, spilling` : String(most);
};
