import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const FOLDER = 'docs/lessons';
const lessons = readdirSync(FOLDER).filter((file) => /^\d/.test(file));

test('there are eight lessons, and the list names each', () => {
  const listed = [...readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(/\]\((\d[^)]*)\)/g)].map(
    ([, file]) => file,
  );
  expect(lessons).toHaveLength(8);
  expect(listed).toEqual(lessons);
});

describe.each(lessons)('%s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const number = Number.parseInt(file, 10);

  test('ends in two exercises, and names the command that checks them', () => {
    const exercises = text.slice(text.indexOf('## Exercises'));
    expect(exercises).toContain(`npm run lesson -- ${number}\n`);
    expect(exercises.match(/^\d\. /gm)).toEqual(['1. ', '2. ']);
  });

  test('has the same exercises to answer as are solved', async () => {
    const [answers, solutions] = await Promise.all(
      ['answers', 'solutions'].map((folder) => import(`../docs/lessons/exercises/${folder}/${number}.ts`)),
    );
    expect(Object.keys(answers)).toEqual(Object.keys(solutions));
    for (const name of Object.keys(solutions)) expect(text).toContain(`\`${name}\``);
    for (const answer of Object.values<() => unknown>(answers)) expect(answer).toThrow('yours to write');
  });

  test('has no number block that nothing filled', () => {
    const blocks = [...text.matchAll(/<!-- ((?:numbers|ladder|fusion): [^>]*) -->\n([\s\S]*?)<!-- \/\1 -->/g)];
    expect(blocks.filter(([, , content]) => content.trim() === '')).toEqual([]);
  });
});

test('the tables of the ladder are the same in lesson 3 and beside the shaders', () => {
  const blocksOf = (path: string): string[] =>
    [...readFileSync(path, 'utf8').matchAll(/<!-- (ladder: \w+) -->\n[\s\S]*?<!-- \/\1 -->/g)].map(([block]) => block);
  const inLesson = blocksOf(join(FOLDER, '3-the-ladder.md'));
  expect(inLesson.length).toBeGreaterThan(2);
  expect(blocksOf('shaders/README.md')).toEqual(inLesson.map((block) => block.replaceAll('](../../shaders/', '](')));
});
