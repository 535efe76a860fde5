/**
 * Changes shaders one place at a time and asks whether an operator's cases notice. By hand or nightly:
 *
 *   npm run test:mutants
 *   npm run test:mutants -- --count 50 --seed 3 --only max-pool
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram, watchChild } from '../support/child-program';
import { reasonFor } from './reasons';
import { type Job, type Outcome, sampleOf } from './sample';

/** A case compiles for seconds on a software adapter; a mutant that takes longer has no end. */
const SILENCE_SECONDS = 60;

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1e6) },
    only: { type: 'string', default: '' },
  },
});
const job: Job = { seed: Number(options.seed), count: Number(options.count), only: options.only, from: 0 };
const sample = sampleOf(job);
console.log(`seed ${job.seed}: ${sample.length} mutants of shaders`);

const program = await buildProgram(resolve(import.meta.dirname, 'child.ts'), 'mutants');
const outcomes = new Map<number, Outcome>();
let from = 0;
while (from < sample.length) {
  let at = from;
  const how = await watchChild<{ index: number; outcome?: Outcome }>(
    program,
    [JSON.stringify({ ...job, from })],
    SILENCE_SECONDS,
    ({ index, outcome }) => {
      at = index;
      if (outcome) outcomes.set(index, outcome);
    },
  );
  // No end, or the end of the process: somebody would notice.
  if (!outcomes.has(at)) outcomes.set(at, { kind: 'caught', by: how === 'silence' ? 'no end' : `exit ${how}` });
  from = at + 1;
}

const valid = [...outcomes].filter(([, { kind }]) => kind !== 'invalid');
const survivors = valid.filter(([, { kind }]) => kind === 'survived').map(([index]) => sample[index]);
const explained = survivors.filter((mutant) => reasonFor(mutant) !== undefined);
for (const mutant of survivors) {
  const { shader, line, column, from: before, to } = mutant;
  const text = mutant.original.split('\n')[line - 1].trim();
  console.log(`${shader}.wgsl:${line}:${column} "${before}" as "${to}" in ${text}`);
  console.log(`  ${reasonFor(mutant) ?? 'no reason yet'}`);
}
const counted = valid.length - explained.length;
const caught = valid.length - survivors.length;
const share = ((100 * caught) / counted).toFixed(1);
console.log(
  `shaders, seed ${job.seed}: ${caught} of ${counted} mutants caught (${share} %), ${explained.length} that change nothing, ` +
    `${sample.length - valid.length} that do not compile`,
);
process.exitCode = caught === counted ? 0 : 1;
