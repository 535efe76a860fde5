import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ArgumentError } from '../../../src/errors';
import { type Blocks, replaceBlock } from './blocks';

const HELP = `npm run lesson:numbers -- N …: computes the numbers of the lessons named, and writes them into docs/lessons
  --print  writes them to the terminal and leaves the lessons as they are`;

const LESSONS: Readonly<Record<string, readonly [file: string, load: () => Promise<{ blocks(): Promise<Blocks> }>]>> = {
  1: ['1-a-picture-is-numbers', () => import('./1')],
  2: ['2-invocations', () => import('./2')],
  4: ['4-fusion', () => import('./4')],
  5: ['5-label-box-pixel', () => import('./5')],
  6: ['6-without-learning', () => import('./6')],
  7: ['7-numbers-lie', () => import('./7')],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { print: { type: 'boolean', default: false }, help: { type: 'boolean' } },
});
if (values.help || positionals.length === 0) console.log(HELP);
for (const lesson of values.help ? [] : positionals) {
  if (!Object.hasOwn(LESSONS, lesson)) {
    throw new ArgumentError(`no numbers for lesson "${lesson}"; known are ${Object.keys(LESSONS).join(', ')}`);
  }
  const [file, load] = LESSONS[lesson];
  const path = `docs/lessons/${file}.md`;
  const blocks = Object.entries(await (await load()).blocks());
  if (values.print) for (const [name, text] of blocks) console.log(`\n${name}\n\n${text}`);
  else
    writeFileSync(
      path,
      blocks.reduce((page, [name, text]) => replaceBlock(page, name, text, path), readFileSync(path, 'utf8')),
    );
}
