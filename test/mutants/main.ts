/**
 * Changes shaders and TypeScript one place at a time and asks whether a test notices. By hand or nightly:
 *
 *   npm run test:mutants
 *   npm run test:mutants -- --of typescript --count 100 --seed 3 --only memory-plan --report report.md
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram, watchChild } from '../support/child-program';
import { LANGUAGE_NAMES, type Language, sampleOf } from './languages';
import { reasonFor } from './reasons';
import type { ChildJob, Job, Mutant, Outcome } from './sample';

/** A case compiles for seconds on a software adapter; a mutant that takes longer has no end. */
const SILENCE_SECONDS = { shaders: 60, typescript: 240 };
const PROGRAMS = { shaders: 'wgsl-child.ts', typescript: 'typescript-child.ts' };

const { values: options } = parseArgs({
  options: {
    of: { type: 'string', default: LANGUAGE_NAMES.join() },
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1e6) },
    only: { type: 'string', default: '' },
    report: { type: 'string' },
  },
});
const job: Job = { seed: Number(options.seed), count: Number(options.count), only: options.only };
const languages = options.of.split(',') as Language[];
const unknown = languages.find((name) => !LANGUAGE_NAMES.includes(name));
if (unknown !== undefined) throw new Error(`--of takes ${LANGUAGE_NAMES.join(', ')}, got "${unknown}"`);

const lines: string[] = [];
for (const language of languages) lines.push('', ...(await lane(language)));
if (options.report) {
  const title = [
    '# One sample of mutants',
    '',
    `Written by \`npm run test:mutants -- ${process.argv.slice(2).join(' ')}\`.`,
  ];
  writeFileSync(options.report, [...title, ...lines, ''].join('\n'));
}

/** Runs the mutants of a language; its figures and its survivors, as lines. */
async function lane(language: Language): Promise<string[]> {
  const sample = sampleOf(language, job);
  console.log(`seed ${job.seed}: ${sample.length} mutants of ${language}`);
  const outcomes = await outcomesOf(language, sample);
  const valid = sample.filter((_, index) => outcomes[index].kind !== 'invalid');
  const survivors = sample.filter((_, index) => outcomes[index].kind === 'survived');
  const explained = survivors.filter((mutant) => reasonFor(mutant) !== undefined);
  const counted = valid.length - explained.length;
  const caught = valid.length - survivors.length;
  const figures =
    `${language}, seed ${job.seed}: ${caught} of ${counted} mutants caught (${((100 * caught) / counted).toFixed(1)} %), ` +
    `${explained.length} explained, ${sample.length - valid.length} that do not compile`;
  console.log(figures);
  if (caught < counted) process.exitCode = 1;
  return [figures, '', ...survivors.map((mutant) => `- ${words(mutant)}`)];
}

/** A process that a mutant ends, or that comes to no end with one, is followed by another for the rest. */
async function outcomesOf(language: Language, sample: readonly Mutant[]): Promise<Outcome[]> {
  const program = await buildProgram(resolve(import.meta.dirname, PROGRAMS[language]), `mutants-${language}`);
  const sampleFile = resolve(program, '..', 'sample.json');
  writeFileSync(sampleFile, JSON.stringify(sample));
  const outcomes: Outcome[] = [];
  const settle = (index: number, outcome: Outcome): void => {
    outcomes[index] = outcome;
    if (outcome.kind === 'survived') console.log(words(sample[index]));
    else console.log(`${index + 1} ${outcome.kind}${outcome.kind === 'caught' ? ` by ${outcome.by}` : ''}`);
  };
  while (outcomes.length < sample.length) {
    const next = outcomes.length;
    let at = -1;
    const how = await watchChild<{ index: number; outcome?: Outcome }>(
      program,
      [JSON.stringify({ sampleFile, from: next } satisfies ChildJob)],
      SILENCE_SECONDS[language],
      ({ index, outcome }) => {
        at = index;
        if (outcome) settle(index, outcome);
      },
    );
    if (at < 0) throw new Error(`${program} ended with ${how} before its first mutant`);
    // No end, or the end of the process: somebody would notice.
    if (!outcomes[at]) settle(at, { kind: 'caught', by: how === 'silence' ? 'no end' : `exit ${how}` });
  }
  return outcomes;
}

function words(mutant: Mutant): string {
  const { file, line, column, from, to, original } = mutant;
  const text = original.split('\n')[line - 1].trim();
  return `${file}:${line}:${column} "${from}" as "${to}" in \`${text}\`: ${reasonFor(mutant) ?? 'no reason yet'}`;
}
