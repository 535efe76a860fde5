import { expect, test } from 'vitest';
import { packEdit, unpackEdit } from '../../demo/lid/workbench/link';
import type { Candidate } from '../../src/gpu/kernel';
import { defineShader } from '../../src/gpu/shader';

const ORIGINAL = '// ünïcode\nfn main() {\n  let a = 1;\n}\n';
const candidateOf = (source: string): Candidate => ({
  kernel: 'conv2d-naive',
  setting: '4 × 4',
  dispatches: [
    {
      shader: defineShader('conv2d-naive', source),
      constants: {},
      bind: {},
      params: {},
      workgroups: [1, 1, 1],
    },
  ],
});
const kept = { kernel: 'conv2d-naive', setting: '4 × 4', launch: 0 };

test.each(['', ORIGINAL, ORIGINAL.replace('1', '2'), `${ORIGINAL}// more\n`, ORIGINAL.slice(3), 'another'])(
  'a link keeps the changed text %j',
  async (text) => {
    const packed = await packEdit({ ...kept, text }, ORIGINAL);
    expect(packed).toMatch(/^[\w-]+$/);
    expect(await unpackEdit(packed, [candidateOf(ORIGINAL)])).toEqual({ ...kept, text });
  },
);

test('a link says why its edit cannot be used', async () => {
  const packed = await packEdit({ ...kept, text: 'x' }, ORIGINAL);
  await expect(unpackEdit(packed, [])).rejects.toThrow('conv2d-naive, which does not run this layer');
  await expect(unpackEdit(packed, [candidateOf(`${ORIGINAL} `)])).rejects.toThrow('another version of conv2d-naive');
  await expect(unpackEdit('%%%', [])).rejects.toThrow('damaged');
  await expect(unpackEdit('AAAA', [])).rejects.toThrow('damaged');
});
