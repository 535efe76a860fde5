/** Runs a share of TypeScript's mutants; `main.ts` watches it, as some never end. */
import { basename, resolve } from 'node:path';
import { createVitest, type TestSpecification } from 'vitest/node';
import { filesOf } from './languages';
import { NearestTests } from './nearest-tests';
import { type ChildJob, type Mutant, type Outcome, readSample } from './sample';

/** A survivor has passed as many test files: those from which the fewest imports lead to it. */
const MOST_TEST_FILES = 5;
/** They read the sources as text, or measure the whole. */
const APART =
  /^test\/(architecture|documents|lessons|readme|run-program)|^test\/(mutants|soak|package|bench|outside|lanes)\//;
const KERNELS = 'test/ops/kernels.test.ts';

const job = JSON.parse(process.argv[2]) as ChildJob;
const sample = readSample(job);
const nearest = new NearestTests([...filesOf('src'), ...filesOf('test')].filter((file) => file.endsWith('.ts')));
let current: Mutant | undefined;
const vitest = await createVitest(
  'test',
  { watch: false, bail: 1, reporters: [{}], testTimeout: 120_000 },
  {
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform: (_code, id) => (current && id === resolve(current.file) ? current.source : undefined),
      },
    ],
  },
);
for (let index = job.from; index < sample.length; index++) {
  process.send!({ index });
  process.send!({ index, outcome: await outcomeOf(sample[index]) });
}
await vitest.close();
process.disconnect();

/** Whether a test fails with a mutant in the file's place: the cases of a kernel's operators, then the nearest tests. */
async function outcomeOf(mutant: Mutant): Promise<Outcome> {
  const path = resolve(mutant.file);
  current = mutant;
  vitest.invalidateFile(path);
  const tests = nearest.of(mutant.file).filter((file) => !APART.test(file) && file !== KERNELS);
  try {
    for (const file of [
      ...(mutant.file.startsWith('src/gpu/kernels/') ? [KERNELS] : []),
      ...tests.slice(0, MOST_TEST_FILES),
    ]) {
      process.send!({ index: sample.indexOf(mutant) });
      if (file === KERNELS) vitest.setGlobalTestNamePattern(casesOf(mutant.file));
      else vitest.resetGlobalTestNamePattern();
      const specifications: TestSpecification[] = await vitest.globTestSpecifications([resolve(file)]);
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
      if (unhandledErrors.length > 0 || testModules.some((module) => !module.ok())) return { kind: 'caught', by: file };
    }
    return { kind: 'survived' };
  } finally {
    current = undefined;
    vitest.invalidateFile(path);
  }
}

/** The names of the cases of operators whose kernels are made with the help of a file. */
function casesOf(file: string): RegExp {
  const users = nearest.importersOf(file).filter((user) => user.startsWith('src/gpu/kernels/'));
  const operators = [file, ...users].map((user) => basename(user, '.ts'));
  return new RegExp(`^(${operators.join('|')}): `);
}
