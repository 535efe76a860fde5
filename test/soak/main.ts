/**
 * The soak: everything that Fovea is trusted with, very often. By hand or nightly:
 *
 *   npm run test:soak
 *   npm run test:soak -- --scale 0.1 --only mutated,losses --seed 5 --report report.md
 *   npm run test:soak -- --only mutated --seed 5 --from 1234 --scale 1e-6      one file again
 *
 * The scale is of all parts but the hostile files.
 */
import { writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram, watchChild } from '../support/child-program';
import type { Failure, Figures, Job } from './tally';

/** How many items a whole soak has, and after how long without a sign of life a part is ended. */
const PARTS = {
  mutated: { count: 1_000_000, silenceSeconds: 600 },
  hostile: { count: 284, silenceSeconds: 600 },
  frames: { count: 10_000, silenceSeconds: 600 },
  losses: { count: 200, silenceSeconds: 600 },
  callers: { count: 50, silenceSeconds: 600 },
};
type PartName = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as PartName[];
const MOST_BYTES = 600e6;
/** Of JavaScript's objects. Where nothing limits them, V8 lets garbage lie until it has outgrown what is kept. */
const HEAP_MEGABYTES = 256;

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    report: { type: 'string' },
  },
});
const scale = Number(options.scale);
const seed = Number(options.seed ?? Math.floor(Date.now() / 1000) % 1e6);
const only = options.only?.split(',') ?? NAMES;
const unknown = only.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) throw new Error(`--only takes ${NAMES.join(', ')}, got "${unknown}"`);
if (!(scale > 0)) throw new Error(`--scale must be greater than 0, got "${options.scale}"`);

const program = await buildProgram(resolve(import.meta.dirname, 'child.ts'), 'soak');

/** Runs items in a process of their own, and again behind an item that ends the process. */
async function soak(name: PartName, from: number, count: number): Promise<Figures> {
  const job: Job = { seed, from, count };
  const { silenceSeconds } = PARTS[name];
  let last = from;
  let figures: Figures | undefined;
  const listen = (message: number | Figures): void => {
    if (typeof message === 'number') last = message;
    else figures = message;
  };
  const how = await watchChild(program, [name, JSON.stringify(job)], silenceSeconds, listen, HEAP_MEGABYTES);
  if (figures) return figures;
  const what = `${name} ${last} of seed ${seed}`;
  const failure: Failure =
    how === 'silence'
      ? { kind: 'hang', what: `${what}: no sign of life for ${silenceSeconds} s` }
      : { kind: 'crash', what: `${what}: the process ended with ${how}` };
  const rest = from + count - (last + 1);
  const after = rest > 0 ? await soak(name, last + 1, rest) : { counts: {}, failures: [], peakBytes: 0 };
  // What the ended process had counted went with it.
  return { ...after, failures: [failure, ...after.failures] };
}

const started = Date.now();
const rows: { name: PartName; count: number; seconds: number; figures: Figures }[] = [];
console.log(`seed ${seed}, scale ${scale}`);
/** One part after the other. */
async function lane(names: readonly PartName[]): Promise<void> {
  for (const name of names) {
    // No two hostile files are alike: all of them, at any scale.
    const count = name === 'hostile' ? PARTS.hostile.count : Math.max(1, Math.round(PARTS[name].count * scale));
    const begun = Date.now();
    const figures = await soak(name, Number(options.from), count);
    const seconds = Math.round((Date.now() - begun) / 1000);
    if (figures.peakBytes > MOST_BYTES) {
      figures.failures.push({ kind: 'growth', what: `${name} took ${megabytes(figures.peakBytes)}` });
    }
    rows.push({ name, count, seconds, figures });
    console.log(`${name}: ${count} in ${seconds} s, ${words(figures.counts)}, ${megabytes(figures.peakBytes)} at most`);
    for (const { kind, what } of figures.failures.slice(0, 20)) console.error(`  ${kind}: ${what.slice(0, 1000)}`);
  }
}

// The mutated files take one processor about as long as everything else takes the other.
const wanted = NAMES.filter((name) => only.includes(name));
await Promise.all([
  lane(wanted.filter((name) => name === 'mutated')),
  lane(wanted.filter((name) => name !== 'mutated')),
]);

const failures = rows.flatMap(({ figures }) => figures.failures);
const tally = (['escape', 'hang', 'wrong', 'growth', 'crash'] as const)
  .map((kind) => `${kind}: ${failures.filter((failure) => failure.kind === kind).length}`)
  .join(', ');
const peak = Math.max(...rows.map(({ figures }) => figures.peakBytes));
const items = rows.map(({ name, count }) => `${count} ${name}`).join(', ');
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
const summary = `soak of seed ${seed}: ${items}; ${tally}; ${megabytes(peak)} at most, ${minutes} minutes`;
if (options.report) writeFileSync(options.report, report());
console.log(summary);
process.exitCode = failures.length === 0 ? 0 : 1;

function words(counts: Figures['counts']): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** What stands in the repository: one run, written by the run itself. */
function report(): string {
  const table = rows.map(({ name, count, seconds, figures }) => {
    return `| ${name} | ${count} | ${words(figures.counts)} | ${figures.failures.length} | ${megabytes(figures.peakBytes)} | ${seconds} s |`;
  });
  return [
    '# One soak',
    '',
    `Written by \`npm run test:soak -- ${process.argv.slice(2).join(' ')}\` in Node ${process.version} on ${cpus().length} × ${cpus()[0].model.trim()}, ${platform()} ${arch()}.`,
    '',
    '| part | items | counts | failures | most memory | time |',
    '|---|---|---|---|---|---|',
    ...table,
    '',
    summary,
    // Without the file itself, which the console shows.
    ...failures.map(
      ({ kind, what }) => `- ${kind}: ${what.replace(/, \w+: .*/s, '').replace(/\s+at [^\n]*?(?= in |\n|$)/g, '')}`,
    ),
    '',
  ].join('\n');
}
