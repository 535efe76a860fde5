import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNetwork } from '../../src/heads';
import { labelsOf, preparationOf } from '../../src/heads/hugging-face';
import { choose, choosePreparation } from '../../src/heads/preparation';
import { readUltralytics } from '../../src/heads/ultralytics';
import { placePicture } from '../../src/picture';
import { FLOAT, type ModelSpec, onnxFile } from '../formats/onnx-file';

const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

describe('preprocessor_config.json', () => {
  it('of ViT squashes', () => {
    const file = {
      do_resize: true,
      size: { height: 224, width: 224 },
      resample: 2,
      do_rescale: true,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    };
    expect(preparationOf(file, {})).toEqual({
      size: [224, 224],
      fit: 'squash',
      filter: 'bilinear',
      wholePixels: 'floor',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    });
  });

  it('of CLIP resizes the short side by a cubic filter and crops', () => {
    const file = {
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      size: { shortest_edge: 224 },
      resample: 3,
      ...IMAGENET,
    };
    expect(preparationOf(file, {})).toMatchObject({
      size: [224, 224],
      fit: 'crop',
      keep: 1,
      filter: 'bicubic',
      mean: IMAGENET.image_mean,
    });
  });

  it('of MobileNet crops from a larger one, and old files have numbers for sizes', () => {
    const file = { do_center_crop: true, crop_size: 224, size: { shortest_edge: 256 }, ...IMAGENET };
    expect(preparationOf(file, {})).toMatchObject({ size: [224, 224], fit: 'crop', keep: 0.875 });
    expect(preparationOf({ ...file, size: 256 }, {})).toMatchObject({ size: [224, 224], fit: 'crop', keep: 0.875 });
  });

  it('of ConvNeXT crops by its share', () => {
    expect(
      preparationOf({ size: { shortest_edge: 224 }, crop_pct: 0.875, resample: 3, ...IMAGENET }, {}),
    ).toMatchObject({ size: [224, 224], fit: 'crop', keep: 0.875 });
  });

  it('of ConvNeXT squashes from 384 on, and its share is that of a whole number of pixels', () => {
    const file = { image_processor_type: 'ConvNextImageProcessor', ...IMAGENET };
    expect(preparationOf({ ...file, size: { shortest_edge: 384 } }, {})).toMatchObject({
      size: [384, 384],
      fit: 'squash',
    });
    expect(preparationOf({ ...file, size: { shortest_edge: 224 }, crop_pct: 0.95 }, {}).keep).toBe(224 / 235);
    expect(preparationOf({ ...file, size: 224 }, {})).toMatchObject({ size: [224, 224], fit: 'crop', keep: 0.875 });
  });

  it.each([
    ['DeiTImageProcessor', { height: 256, width: 256 }, {}, { fit: 'squash', keep: 0.875 }],
    ['BeitFeatureExtractor', 256, {}, { fit: 'squash', keep: 0.875 }],
    ['LevitImageProcessor', { shortest_edge: 224 }, {}, { fit: 'crop', keep: 0.875 }],
    ['PoolFormerImageProcessor', { shortest_edge: 224 }, { crop_pct: 0.9 }, { fit: 'crop', keep: 224 / 248 }],
    ['CLIPFeatureExtractor', 224, {}, { fit: 'crop', keep: 1 }],
  ])('of %s with size %j crops as its class does', (type, size, more, expected) => {
    const kind = type.endsWith('Extractor') ? { feature_extractor_type: type } : { image_processor_type: type };
    const file = { ...kind, size, do_center_crop: true, crop_size: { height: 224, width: 224 }, ...IMAGENET, ...more };
    expect(preparationOf(file, {})).toMatchObject({ size: [224, 224], wholePixels: 'floor', ...expected });
  });

  it('of ViTPose keeps proportions', () => {
    const file = { do_affine_transform: true, size: { height: 256, width: 192 }, ...IMAGENET };
    expect(preparationOf(file, {})).toMatchObject({ size: [256, 192], fit: 'letterbox', bars: 0, keep: 0.8 });
  });

  it('of ViTPose leaves the margin that its processor leaves', () => {
    const range = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const { target } = placePicture(40, 60, { size: [256, 192], fit: 'letterbox', keep: 0.8, ...range });
    // Its warp puts the corners of this picture there; half a pixel of the picture, 1.7 here, is lost to its rounding.
    const warped = { x: 26.4, y: 24.3, width: 135.8, height: 204 };
    for (const side of ['x', 'y', 'width', 'height'] as const)
      expect(Math.abs(target[side] - warped[side])).toBeLessThan(1.7);
  });

  it('of DETR squashes to its short side where the network leaves the size open, of YOLOS likewise', () => {
    const file = { size: { shortest_edge: 800, longest_edge: 1333 }, ...IMAGENET };
    expect(preparationOf(file, {})).toMatchObject({ size: [800, 800], fit: 'squash' });
    expect(preparationOf({ ...file, size: { longest_edge: 1000 } }, {})).toMatchObject({ size: [1000, 1000] });
  });

  it.each(['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'])('names Pillow’s filter %s', (filter) => {
    const resample = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'].indexOf(filter);
    expect(preparationOf({ size: 224, resample }, {}).filter).toBe(filter);
    expect(preparationOf({}, { pretrained_cfg: { interpolation: filter } }).filter).toBe(filter);
    expect(preparationOf({ size: 224, resample: 6 }, {}).filter).toBeUndefined();
  });

  it('may leave mean and deviation to its class', () => {
    const file = { size: 224, do_normalize: true, image_mean: null };
    expect(preparationOf({ ...file, image_processor_type: 'ViTImageProcessor' }, {}).mean).toEqual([0.5, 0.5, 0.5]);
    expect(preparationOf({ ...file, image_processor_type: 'SegformerImageProcessor' }, {}).std).toEqual(
      IMAGENET.image_std,
    );
    expect(preparationOf({ ...file, do_normalize: false }, {}).mean).toEqual([0, 0, 0]);
    expect(preparationOf({ size: 224, image_mean: 0.4, image_std: 0.2 }, {}).std).toEqual([0.2, 0.2, 0.2]);
  });

  it('of EfficientNet shifts and divides twice', () => {
    const file = {
      image_processor_type: 'EfficientNetImageProcessor',
      size: 224,
      rescale_factor: 1 / 127.5,
      rescale_offset: true,
      include_top: true,
      image_mean: 0.5,
      image_std: 0.5,
    };
    const { mean, std } = preparationOf(file, {});
    // ((2 v - 1) - 0.5) / 0.5 / 0.5
    expect([mean![0], std![0]]).toEqual([0.75, 0.125]);
  });

  it('of a processor for pictures and text holds that for pictures', () => {
    expect(preparationOf({ image_processor: { size: 224, ...IMAGENET } }, {})).toMatchObject({ size: [224, 224] });
  });

  it('may have values in 0..255, in 0..1, and blue first', () => {
    const close = (actual: readonly number[] | undefined, expected: readonly number[]): void => {
      for (const [k, x] of expected.entries()) expect(actual![k]).toBeCloseTo(x, 9);
    };
    const bytes = preparationOf({ do_rescale: false, do_normalize: false, size: 640 }, {});
    close(bytes.mean, [0, 0, 0]);
    close(bytes.std, [1 / 255, 1 / 255, 1 / 255]);
    const unit = preparationOf(
      { do_rescale: true, rescale_factor: 1 / 255, do_normalize: false, do_flip_channel_order: true },
      {},
    );
    close(unit.std, [1, 1, 1]);
    expect(unit.channels).toBe('bgr');
    // EfficientNet's: 0..2, less 1 is left out.
    close(preparationOf({ do_rescale: true, rescale_factor: 1 / 127.5, do_normalize: false }, {}).std, [0.5, 0.5, 0.5]);
  });

  it('says nothing where it has nothing', () => {
    expect(preparationOf({}, {})).toEqual({});
    expect(preparationOf({ size: 'large', image_mean: ['a'] }, {})).toMatchObject({ mean: [0, 0, 0] });
  });
});

describe('config.json', () => {
  it('names classes by their numbers', () => {
    expect(labelsOf({ id2label: { 1: 'dog', 0: 'cat' } })).toEqual(['cat', 'dog']);
    expect(labelsOf({ label_names: ['cat', 'dog'] })).toEqual(['cat', 'dog']);
    expect(labelsOf({})).toBeUndefined();
    expect(labelsOf({ id2label: [] })).toBeUndefined();
  });

  it('of timm has its own words', () => {
    const config = {
      pretrained_cfg: {
        input_size: [3, 288, 256],
        mean: [0.1, 0.2, 0.3],
        std: [1, 1, 1],
        crop_pct: 0.95,
        interpolation: 'bicubic',
        crop_mode: 'center',
      },
    };
    expect(preparationOf({}, config)).toEqual({
      size: [288, 256],
      mean: [0.1, 0.2, 0.3],
      std: [1, 1, 1],
      fit: 'crop',
      // The side before cropping is a whole number.
      keep: 288 / 303,
      filter: 'bicubic',
      wholePixels: true,
    });
  });
});

it('Ultralytics’ metadata has names and sizes', () => {
  const read = (entries: Record<string, string>) => readUltralytics(new Map(Object.entries(entries)));
  expect(read({ names: `{0: 'person', 1: "horse's head", 2: 'traffic light'}`, imgsz: '[480, 640]' })).toEqual({
    labels: ['person', "horse's head", 'traffic light'],
    size: [480, 640],
  });
  expect(read({ imgsz: '640' }).size).toEqual([640, 640]);
  expect(read({ names: 'none', imgsz: 'large' })).toEqual({ labels: undefined, size: undefined });
});

it('each setting is that of the first who has it', () => {
  const { chosen, from } = choose<{ a: number; b: number; c: number }>([
    ['first', { a: 1 }],
    ['second', { a: 2, b: 2, c: undefined }],
    ['third', { a: 3, b: 3, c: 3 }],
  ]);
  expect(chosen).toEqual({ a: 1, b: 2, c: 3 });
  expect(from).toEqual({ a: 'first', b: 'second', c: 'third' });
});

const folder = mkdtempSync(join(tmpdir(), 'fovea-heads-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a network', () => {
  const file = (more: Partial<ModelSpec> = {}) =>
    onnxFile({
      inputs: [{ name: 'pixel_values', dims: ['batch', 3, 'height', 'width'] }],
      outputs: ['logits'],
      nodes: [
        { op: 'GlobalAveragePool', inputs: ['pixel_values'], outputs: ['means'] },
        { op: 'Flatten', inputs: ['means'], outputs: ['logits'], attributes: { axis: 1 } },
      ],
      ...more,
    });
  const config = { id2label: { 0: 'red', 1: 'green', 2: 'blue' } };
  const preprocessor = { size: { height: 96, width: 64 }, ...IMAGENET };

  it('takes what lies beside its file, or beside the folder onnx', async () => {
    mkdirSync(join(folder, 'onnx'));
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
    for (const path of ['model.onnx', 'onnx/model.onnx']) {
      const { labels, spec, graph } = await readNetwork(file(), 'classify', {}, join(folder, path));
      expect(labels).toEqual(['red', 'green', 'blue']);
      expect(graph.values.get('pixel_values')!.shape).toEqual([1, 3, 96, 64]);
      expect(spec).toMatchObject({
        size: [96, 64],
        fit: 'squash',
        mean: IMAGENET.image_mean,
        from: { size: 'preprocessor_config.json', labels: 'config.json', channels: 'the usual of classes' },
      });
    }
  });

  it('is prepared as its caller says, before its metadata, before Hugging Face’s files', async () => {
    const metadata = { imgsz: '[48, 48]' };
    const options = { preprocessorConfig: preprocessor, config };
    const { spec } = await readNetwork(file({ metadata }), 'classify', {
      ...options,
      preparation: { mean: [1, 1, 1] },
    });
    expect(spec).toMatchObject({
      size: [48, 48],
      mean: [1, 1, 1],
      std: IMAGENET.image_std,
      from: { size: "the file's metadata", mean: 'the caller', std: 'preprocessor_config.json' },
    });
    const given = await readNetwork(file({ metadata }), 'classify', { ...options, preparation: { size: [32, 40] } });
    expect(given.spec).toMatchObject({ size: [32, 40], from: { size: 'the caller' } });
    expect(given.graph.values.get('pixel_values')!.shape).toEqual([1, 3, 32, 40]);
  });

  it.each([
    [1000, ['tench', 'goldfish', 'toilet tissue'], 'the usual of classes'],
    [1001, ['background', 'tench', 'toilet tissue'], 'the usual of classes'],
    [999, [undefined, undefined, undefined], 'nobody'],
  ])('of %i classes that the file does not name has those of ImageNet if it has as many', async (count, some, from) => {
    const nodes = [
      { op: 'GlobalAveragePool', inputs: ['pixel_values'], outputs: ['means'] },
      { op: 'Flatten', inputs: ['means'], outputs: ['flat'], attributes: { axis: 1 } },
      { op: 'MatMul', inputs: ['flat', 'w'], outputs: ['logits'] },
    ];
    const weight = { name: 'w', type: FLOAT, dims: [3, count], floats: new Array<number>(3 * count).fill(0) };
    const { spec, labels } = await readNetwork(file({ nodes, initializers: [weight] }), 'classify');
    expect([labels[0], labels[1], labels.at(-1)]).toEqual(some);
    expect(labels.length).toBe(from === 'nobody' ? 0 : count);
    expect(labels.filter((label) => !/^[A-Za-z][A-Za-z' .-]*[A-Za-z]$/.test(label))).toEqual([]);
    expect(spec).toMatchObject({ from: { labels: from } });
  });

  it('that nobody says anything about is prepared as is usual, and a wrong size is refused', async () => {
    const { spec, labels } = await readNetwork(file(), 'classify');
    expect(spec).toMatchObject({
      size: [224, 224],
      fit: 'crop',
      keep: 0.875,
      from: { size: 'the usual of networks to classify' },
    });
    expect(labels).toEqual([]);
    const settled = file({ inputs: [{ name: 'pixel_values', dims: [1, 3, 32, 32] }] });
    await expect(readNetwork(settled, 'classify', { preparation: { size: [64, 64] } })).rejects.toThrow(
      'is declared [1, 3, 32, 32], got [1, 3, 64, 64]',
    );
    await expect(readNetwork(settled, 'classify', { config: [] })).rejects.toThrow(
      'config must be the parsed content of the JSON file, got Array',
    );
  });

  it.each([
    [[1, 1000], 'is no picture, [1, 3, H, W], [1, H, W, 3] or one channel for 3 expected'],
    [[4, 3, 8, 8], 'is no picture'],
    [[1, 16, 8, 8], 'is no picture'],
  ])('that takes %j is refused, with what to do', async (dims, reason) => {
    const reading = readNetwork(file({ inputs: [{ name: 'pixel_values', dims }] }), 'classify');
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toThrow('run it with engine.load and tensors of your own');
  });

  it('may ask for the picture’s size beside the picture', async () => {
    const detector = onnxFile({
      inputs: [
        { name: 'images', dims: ['N', 3, 64, 96] },
        { name: 'orig_target_sizes', dims: ['N', 2], type: 7 },
      ],
      outputs: ['labels', 'boxes', 'scores'],
      initializers: [
        { name: 'one', type: 1, dims: [1, 1, 4], floats: [0, 0, 0.5, 1] },
        { name: 'labels0', type: 7, dims: [1, 1], int64s: [3] },
        { name: 'score0', type: 1, dims: [1, 1], floats: [0.5] },
      ],
      nodes: [
        { op: 'Cast', inputs: ['orig_target_sizes'], outputs: ['size'], attributes: { to: 1 } },
        { op: 'Concat', inputs: ['size', 'size'], outputs: ['sides'], attributes: { axis: 1 } },
        { op: 'Mul', inputs: ['one', 'sides'], outputs: ['boxes'] },
        { op: 'Identity', inputs: ['labels0'], outputs: ['labels'] },
        { op: 'ReduceMax', inputs: ['images'], outputs: ['most'], attributes: { keepdims: 0 } },
        { op: 'Mul', inputs: ['score0', 'most'], outputs: ['scores'] },
      ],
    });
    const { graph, spec } = await readNetwork(detector, 'detect');
    expect(graph.inputs).toEqual(['images']);
    expect(spec).toMatchObject({ head: 'lists', size: [64, 96] });
  });
});

describe('a file beside a network that has been damaged', () => {
  const from = (settings: Parameters<typeof choosePreparation>[0][number][1]) => () =>
    choosePreparation([['preprocessor_config.json', settings]]);

  it('is named with the number that no picture can be prepared with', () => {
    expect(from({ std: [0.2, 0, 0.2] })).toThrow(
      'std of pictures must be finite numbers other than 0, got 0.2,0,0.2 from preprocessor_config.json',
    );
    expect(from({ mean: [0, Infinity, 0] })).toThrow('mean of pictures must be finite numbers');
    expect(from({ std: [1, 1, Number.NaN] })).toThrow('std of pictures');
    for (const keep of [-8, 0, Infinity, Number.NaN]) {
      expect(from({ fit: 'crop', keep })).toThrow(`keep of pictures must be a share above 0, got ${keep}`);
    }
    expect(from({ fit: 'crop', keep: 0.875, std: [-1, 1, 1] })().chosen.keep).toBe(0.875);
  });
});
