import { findRung, RUNGS } from '../../demo/lessons/rungs';
import { tableOf } from '../../docs/lessons/numbers/blocks';
import { analyse, isComparable, type Priced } from './analyse';
import { type ChipName, chipOf } from './chips';
import type { Collected, CollectJob } from './collect';
import { runBefore } from './driver';
import { LAUNCH_US } from './model';

/** What a chip's compiler makes of each rung of the lesson's ladder, and how long the model thinks that it takes. */
export async function modelledLadder(chip: ChipName): Promise<string> {
  const job = { networks: ['ladder'], precision: 'f32', candidates: true } as const;
  const { result, codes } = await runBefore<CollectJob, Collected>(chip, 'bench/compilers/collect.ts', job, {});
  const { priced } = analyse(chip, { precision: 'f32' }, result.dispatches, codes);
  const dispatches = priced.map(({ dispatch }) => dispatch);
  const rows = RUNGS.flatMap((rung) => {
    const index = findRung(dispatches, rung);
    if (index < 0) return [];
    const { rank, kernel, setting, flops } = dispatches[index];
    const parts = priced.filter(({ dispatch }) => dispatch.op === 'conv2d' && dispatch.rank === rank);
    const us = parts.reduce((sum, { cost }) => sum + cost.us + LAUNCH_US, 0);
    const time = parts.every(isComparable) ? [us.toFixed(1), (flops / us / 1e3).toFixed(0)] : ['not modelled', ''];
    return [[`${kernel} ${setting}`.trim(), rung.idea, parts.length, registersOf(parts), ...time]];
  });
  return [
    `Modelled for ${chipOf(chip).title}: its compiler ran, no GPU did. Each launch counts ${LAUNCH_US} µs.`,
    '',
    tableOf(['Rung', 'Idea', 'Launches', 'Vector registers', 'µs', 'GFLOP/s'], rows),
  ].join('\n');
}

/** The most that a kernel of the rung takes. */
const registersOf = (parts: readonly Priced[]): string => {
  const most = Math.max(...parts.map(({ code }) => code.registers.registers));
  return parts.some(({ code }) => code.spills) ? `${most}, spilling` : String(most);
};
