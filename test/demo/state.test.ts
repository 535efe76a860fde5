import { expect, test } from 'vitest';
import { DEFAULTS, readSettings } from '../../demo/state';

test('settings are read from the address, and what makes no sense there is the default', () => {
  expect(readSettings('')).toEqual(DEFAULTS);
  const read = readSettings('#picture=airplane&view=segment&topK=7&threshold=0.25&instances=true&network=detect');
  const expected = { picture: 'airplane', view: 'segment', topK: 7, threshold: 0.25, instances: true };
  expect(read).toEqual({ ...DEFAULTS, ...expected, network: 'detect' });
  expect(readSettings('#view=sideways&network=none&topK=many&threshold=&clusters=NaN')).toEqual(DEFAULTS);
});

test('numbers in the address are what their sliders can show', () => {
  expect(readSettings('#topK=99&threshold=-1&opacity=7&clusters=1')).toMatchObject({
    topK: 10,
    threshold: 0.05,
    opacity: 1,
    clusters: 2,
  });
  expect(readSettings('#topK=2.7&clusters=3.2')).toMatchObject({ topK: 3, clusters: 3 });
});
