import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createNodeGpu } from '../../src/cli/node-gpu';
import { Engine } from '../../src/engine';
import { ArgumentError } from '../../src/errors';
import { ReferenceRunner } from '../../src/reference/runner';
import type { Runner } from '../../src/runner';
import { type EncodedPicture, type Prompt, PromptableSegmenter } from '../../src/tasks';
import { onnxFile } from '../formats/onnx-file';

/** What `test/heads/make-goldens/promptable.py` wrote: a tiny SAM, and what transformers finds with it. */
interface Golden {
  readonly width: number;
  readonly height: number;
  /** RGB bytes in base64. */
  readonly picture: string;
  readonly cases: readonly {
    readonly form: 'pair' | 'published';
    readonly prompt: Prompt;
    /** Whether the best mask of the form's first case is refined. */
    readonly refines: boolean;
    readonly masks: readonly { score: number; logits: number[]; area: number; pixels: string }[];
  }[];
}

const folder = 'test/heads/goldens';
const golden: Golden = JSON.parse(readFileSync(`${folder}/promptable.json`, 'utf8'));
const FILES = {
  pair: { encoder: 'promptable-vision-encoder.onnx', decoder: 'promptable-pair.onnx' },
  published: { encoder: 'promptable-encoder.onnx', decoder: 'promptable-published.onnx' },
} as const;

const rgb = Buffer.from(golden.picture, 'base64');
const data = new Uint8Array((rgb.length / 3) * 4).fill(255);
for (let i = 0; i < rgb.length; i++) data[Math.floor(i / 3) * 4 + (i % 3)] = rgb[i];
const picture = { data, width: golden.width, height: golden.height };

const load = (runner: Runner, form: keyof typeof FILES): Promise<PromptableSegmenter> => {
  const [encoder, decoder] = [FILES[form].encoder, FILES[form].decoder].map((file) =>
    readFileSync(`${folder}/${file}`),
  );
  return PromptableSegmenter.load(runner, { encoder, decoder });
};

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ gpu: await createNodeGpu() });
});
afterAll(() => engine.dispose());

describe.each(['pair', 'published'] as const)('SAM as %s', (form) => {
  describe.each(['gpu', 'reference'] as const)('on the %s', (kind) => {
    let segmenter: PromptableSegmenter;
    let seen: EncodedPicture;
    beforeAll(async () => {
      segmenter = await load(kind === 'gpu' ? engine : new ReferenceRunner(), form);
      seen = await segmenter.encode(picture);
    });
    afterAll(() => segmenter.dispose());

    const cases = golden.cases.filter((one) => one.form === form);
    it.each(cases.map((one, k) => [k, one] as const))('prompt %i gives what transformers gives', async (_, one) => {
      const [previous] = one.refines ? await seen.segment(cases[0].prompt) : [];
      const masks = await seen.segment(previous ? { ...one.prompt, previous } : one.prompt);
      expect(masks.length).toBe(one.masks.length);
      for (const [k, mask] of masks.entries()) {
        const expected = one.masks[k];
        const largest = Math.max(...expected.logits.map(Math.abs));
        // Six digits in the file, sums in float32 of a network that is some thirty layers deep.
        expect(Math.abs(mask.score - expected.score)).toBeLessThan(1e-3);
        const worst = Math.max(...expected.logits.map((logit, i) => Math.abs(logit - mask.logits.data[i])));
        expect(worst).toBeLessThan(1e-3 * largest);
        const different = Array.from(expected.pixels).filter((pixel, i) => Number(pixel) !== mask.pixels[i]).length;
        // Where a logit is nearly 0.
        expect(different).toBeLessThan(0.002 * mask.pixels.length);
        expect([mask.width, mask.height]).toEqual([golden.width, golden.height]);
      }
    });
  });
});

describe('a prompt', () => {
  let pair: EncodedPicture;
  let published: EncodedPicture;
  beforeAll(async () => {
    pair = await (await load(engine, 'pair')).encode(picture);
    published = await (await load(engine, 'published')).encode(picture);
  });

  it('needs a point or a box, and numbers for them', async () => {
    await expect(published.segment({})).rejects.toThrow('a prompt needs at least a point or a box');
    await expect(published.segment({ points: [{ x: Number.NaN, y: 1 }] })).rejects.toThrow(ArgumentError);
    await expect(published.segment({ point: [] } as Prompt)).rejects.toThrow('point');
  });

  it('is in pixels of the picture, however large that is', async () => {
    const grey = (scale: number) => ({
      data: new Uint8Array(golden.width * golden.height * scale ** 2 * 4).fill(140),
      width: golden.width * scale,
      height: golden.height * scale,
    });
    const segmenter = await load(engine, 'published');
    const [one, two] = await Promise.all([1, 2].map((scale) => segmenter.encode(grey(scale))));
    const [small] = await one.segment({ points: [{ x: 20, y: 11 }] });
    const [large] = await two.segment({ points: [{ x: 40, y: 22 }] });
    expect([large.width, large.height]).toEqual([2 * small.width, 2 * small.height]);
    for (const [i, logit] of large.logits.data.entries()) expect(logit).toBeCloseTo(small.logits.data[i], 3);
    expect(Math.abs(large.area - 4 * small.area)).toBeLessThan(0.05 * large.pixels.length);
    segmenter.dispose();
  });

  it('with a box is refused by a decoder that takes none', async () => {
    const box = { xmin: 1, ymin: 1, xmax: 9, ymax: 9 };
    await expect(pair.segment({ box })).rejects.toThrow('this decoder takes points, and no box');
  });
});

describe('memory', () => {
  it('keeps what was seen on the GPU: a prompt sends itself alone, in one submission', async () => {
    const segmenter = await load(engine, 'published');
    const seen = await segmenter.encode(picture);
    const prompt = { points: [{ x: 20, y: 11 }] };
    await seen.segment(prompt);
    const { device } = await engine.connection();
    const writes = vi.spyOn(device.queue, 'writeBuffer');
    const submits = vi.spyOn(device.queue, 'submit');
    await seen.segment(prompt);
    // A mask of 16 × 16, in its layout of four channels, goes with every prompt; the embeddings would be 1024 bytes more.
    const sent = writes.mock.calls.map(([, , bytes]) => (bytes as ArrayBufferView).byteLength);
    expect(sent.filter((size) => size >= 1024)).toEqual([4 * 16 * 16 * 4]);
    expect(submits).toHaveBeenCalledTimes(1);
    for (const spy of [writes, submits]) spy.mockRestore();
    segmenter.dispose();
  });

  it('holds four decoders, however many points prompts have, and nothing when it is disposed of', async () => {
    const before = engine.memory().totalBytes;
    const segmenter = await load(engine, 'published');
    const seen = await segmenter.encode(picture);
    const points = (count: number) => Array.from({ length: count }, (_, k) => ({ x: 5 + k, y: 9 }));
    for (const count of [1, 2, 3, 4]) await seen.segment({ points: points(count) });
    const four = engine.memory().totalBytes;
    // All at once, and more than are kept.
    const answers = await Promise.all([5, 6, 7, 8, 9].map((count) => seen.segment({ points: points(count) })));
    expect(answers.map((masks) => masks.length)).toEqual(new Array<number>(5).fill(answers[0].length));
    await vi.waitFor(() => expect(engine.memory().totalBytes).toBeLessThan(1.05 * four));
    seen.dispose();
    await expect(seen.segment({ points: points(1) })).rejects.toThrow('was disposed');
    segmenter.dispose();
    await vi.waitFor(() => expect(engine.memory().totalBytes).toBe(before));
  });
});

it('two files that are no such pair are refused by name', async () => {
  const encoder = readFileSync(`${folder}/${FILES.pair.encoder}`);
  await expect(PromptableSegmenter.load(engine, { encoder, decoder: encoder })).rejects.toThrow(
    'the decoder must take point_coords and point_labels, or input_points and input_labels; it takes pixel_values',
  );
  const decoder = readFileSync(`${folder}/${FILES.published.decoder}`);
  await expect(PromptableSegmenter.load(engine, { encoder: decoder, decoder })).rejects.toThrow(ArgumentError);
  const other = onnxFile({
    inputs: [
      { name: 'image_embeddings', dims: [1, 256, 4, 4] },
      { name: 'point_coords', dims: [1, 'n', 2] },
      { name: 'high_res_feats_0', dims: [1, 32, 16, 16] },
    ],
    outputs: ['masks'],
    nodes: [{ op: 'Identity', inputs: ['image_embeddings'], outputs: ['masks'] }],
  });
  await expect(
    PromptableSegmenter.load(engine, { encoder: readFileSync(`${folder}/${FILES.published.encoder}`), decoder: other }),
  ).rejects.toThrow(
    'the decoder takes "high_res_feats_0", which no encoder or prompt gives: image_embeddings, point_coords',
  );
  await expect(PromptableSegmenter.load(engine, { encoder } as never)).rejects.toThrow('{ encoder, decoder }');
});
