// Checks your answers to the exercises of a lesson: npm run lesson -- 4
// Your answers are in docs/lessons/exercises/answers, solutions in the folder beside it.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const [lesson, ...rest] = process.argv.slice(2);
const test = `docs/lessons/exercises/${lesson}.test.ts`;
if (lesson === undefined || rest.length > 0 || !existsSync(test)) {
  console.error(
    `npm run lesson -- N checks your answers to lesson N, one of 1 to 8; got "${process.argv.slice(2).join(' ')}"`,
  );
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  [resolve('node_modules/vitest/vitest.mjs'), 'run', test, '--reporter=verbose'],
  {
    stdio: 'inherit',
    env: { ...process.env, LESSON_ANSWERS: 'answers' },
  },
);
process.exit(status ?? 1);
