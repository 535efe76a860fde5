import { expect, test } from 'vitest';
import * as onnx from '../../src/formats/onnx';
import * as fovea from '../../src/index';
import * as single from '../../src/single';
import * as tasks from '../../src/tasks';
import * as live from '../../src/tasks/live-view';

test('the single file has all that it stands for', () => {
  expect(Object.keys(single)).toEqual(expect.arrayContaining(Object.keys({ ...fovea, ...onnx, ...live, ...tasks })));
});

test('the single file says that it has no workers for the CPU', async () => {
  await expect(single.openRunner({ fallback: 'cpu' })).rejects.toThrow('fovea/single has no CPU runner');
});
