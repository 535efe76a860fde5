import { existsSync, readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { build } from 'vite';
import { EXAMPLE_NETWORKS } from '../support/example-networks';
import { SHARED } from './open-page';

/** README's examples as they stand, run as modules of a page that has the package. */

const MODELS = `${SHARED}/onnx/models`;
const NO_MODELS = 'networks by other people are not in ../shared, nor in the folder that FOVEA_SHARED names';

const CODE = [...readFileSync('README.md', 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);

/** The package's entries as modules for the browser, by the addresses that the page's import map gives them. */
const ENTRIES = { fovea: 'src/index.ts', 'fovea/tasks': 'src/tasks/index.ts' };
const files = new Map<string, string | Uint8Array>();

test.beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: { fovea: ENTRIES.fovea, tasks: ENTRIES['fovea/tasks'] },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
      },
    },
  });
  if (!('output' in built)) throw new Error('expected one build');
  for (const file of built.output) files.set(file.fileName, file.type === 'chunk' ? file.code : file.source);
});

/** Opens a page that has the package, and the networks by the addresses that examples give them. */
async function openPage(page: Page, networks: Readonly<Record<string, Buffer>>): Promise<void> {
  const imports = { fovea: './package/fovea.js', 'fovea/tasks': './package/tasks.js' };
  const head = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  await page.route('**/examples/**', (route) => {
    const path = new URL(route.request().url()).pathname.split('/examples/')[1];
    if (path === '') return route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>x</title>${head}` });
    const module = path.startsWith('package/') ? files.get(path.slice('package/'.length)) : undefined;
    if (module !== undefined) return route.fulfill({ contentType: 'text/javascript', body: Buffer.from(module) });
    if (path in networks) return route.fulfill({ body: networks[path] });
    const isOwn = /^weights\/\w+\.safetensors$/.test(path);
    return isOwn ? route.fulfill({ path }) : route.fulfill({ status: 404 });
  });
  await page.goto('examples/');
}

/** Runs an example with a picture and a context to draw on. @returns what it logs, and whether it drew anything */
function run(page: Page, code: string, picture?: Buffer): Promise<{ logged: string[]; drawn: boolean }> {
  return page.evaluate(
    async ([code, picture]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [96, 64];
      const context = canvas.getContext('2d')!;
      const shown = document.createElement('canvas');
      [shown.width, shown.height] = [96, 64];
      shown.getContext('2d')!.fillRect(20, 10, 40, 40);
      const given = picture
        ? await createImageBitmap(new Blob([Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0))]))
        : shown;
      const logged: string[] = [];
      const log = (...values: unknown[]): void => {
        logged.push(values.map((value) => JSON.stringify(value)).join(' '));
      };
      Object.assign(window, { example: { picture: given, context, canvas, console: { ...console, log } } });
      const module = `const { picture, context, canvas, console } = window.example;\n${code}`;
      const address = URL.createObjectURL(new Blob([module], { type: 'text/javascript' }));
      // Imports by name are resolved by the page's map; addresses of networks are relative to the page.
      await import(address);
      const { data } = context.getImageData(0, 0, 96, 64);
      return { logged, drawn: data.some((value) => value > 0) };
    },
    [code, picture?.toString('base64')] as const,
  );
}

const exampleOf = (text: string): string => {
  const code = CODE.find((example) => example.includes(text));
  if (code === undefined) throw new Error(`README has no example with ${text}`);
  return code;
};

const made = (): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(EXAMPLE_NETWORKS).map(([name, make]) => [name, Buffer.from(make())]));

test('the examples of classifying, detecting and segmenting run as README has them', async ({ page }) => {
  await openPage(page, {});
  const classified = await run(page, exampleOf("'weights/classifier.safetensors'"));
  expect(classified.logged).toHaveLength(5);
  expect(classified.logged[0]).toMatch(/^".+" 0\.\d+$/);
  await run(page, exampleOf("'weights/detector.safetensors'"));
  await run(page, exampleOf("ImageSegmenter.load(engine, 'weights/segmenter.safetensors')"));
});

test('the examples of networks by other people run as README has them, on small networks', async ({ page }) => {
  await openPage(page, made());
  const [things] = (await run(page, exampleOf("'yolo11n.onnx'"))).logged;
  expect(things).toContain('"label":"dog"');
  expect(things).toContain('"from"');
  const [others] = (await run(page, exampleOf("'yolo11n-pose.onnx'"))).logged;
  expect(others).toContain('"label":"nose"');
  expect(others).toContain('"label":"dog"');
  // The range of depth, the cut-out's file, the larger picture's width, and how alike a vector is to itself.
  const [, least, most, width, alike] = /\[([\d.]+),([\d.]+)\] \{\} (\d+) ([\d.]+)$/.exec(others)!;
  expect([least, most, width, alike].map(Number)).toEqual([0, 63, 192, 1].map((value) => expect.closeTo(value, 4)));
});

test('answers are drawn over a picture: boxes, points, and masks that let the picture through', async ({ page }) => {
  await openPage(page, made());
  const draw = (task: string, file: string, call: string): string => `
    import { Engine, ObjectDetector } from 'fovea';
    import { draw, InstanceSegmenter, PoseEstimator } from 'fovea/tasks';
    const task = await ${task}.load(await Engine.create(), '${file}');
    context.fillStyle = 'white';
    context.fillRect(0, 0, 96, 64);
    draw(context, await task.${call}(picture));
    const at = (x, y) => [...context.getImageData(x, y, 1, 1).data];
    console.log(at(30, 30), at(48, 36), at(2, 60));
    task.dispose();`;
  for (const code of [
    draw('ObjectDetector', 'yolo11n.onnx', 'detect'),
    draw('PoseEstimator', 'yolo11n-pose.onnx', 'estimate'),
    draw('InstanceSegmenter', 'yolo11n-seg.onnx', 'segment'),
  ]) {
    const { logged } = await run(page, code);
    expect(logged[0]).toMatch(/\[255,255,255,255\]$/);
    if (code.includes('.segment(')) expect(logged[0]).not.toMatch(/^\[255,255,255,255\]/);
  }
});

/** One line of the example with many tasks, as an example of its own. */
function lineOf(name: string, log: string): string {
  const example = exampleOf(name);
  const line = example.split('\n').find((one) => one.includes(`'${name}'`))!;
  const imports = example.split('\n').filter((one) => one.startsWith('import'));
  return [...imports, 'const engine = await Engine.create();', line, `console.log(${log});`].join('\n');
}

/** Published networks in the place of those that README's examples name, what they see, and what they say of it. */
const PUBLISHED: readonly {
  readonly code: string;
  readonly name: string;
  readonly file: string;
  readonly picture: string;
  readonly says: RegExp;
}[] = [
  {
    code: exampleOf("'weights/classifier.safetensors'").replace('weights/classifier.safetensors', 'classifier.onnx'),
    name: 'classifier.onnx',
    file: 'squeezenet1.1/squeezenet1.1.onnx',
    picture: 'squeezenet1.1/pelican.jpeg',
    says: /^"pelican" /,
  },
  {
    code: exampleOf("'yolo11n.onnx'"),
    name: 'yolo11n.onnx',
    file: 'yolox-nano/yolox-nano.onnx',
    picture: 'yolox-nano/coco-785.jpg',
    says: /"label":"person"/,
  },
  {
    code: `${exampleOf("ImageSegmenter.load(engine, 'weights/segmenter.safetensors')").replace(
      'weights/segmenter.safetensors',
      'segmenter.onnx',
    )}console.log(mask.areas());`,
    name: 'segmenter.onnx',
    file: 'sinet-portrait/sinet-portrait-softmax.onnx',
    picture: 'selfie-segmentation/sample-Test.jpg',
    says: /"index":1,"pixels":\d{4,}/,
  },
  {
    code: lineOf('yolo11n-pose.onnx', 'poses'),
    name: 'yolo11n-pose.onnx',
    file: 'yunet/yunet-n-320.onnx',
    picture: 'ultraface/sample-2.jpg',
    says: /"label":"face".*"keypoints":\[\{"x":\d+/,
  },
  {
    code: lineOf('modnet.onnx', '(await cutOut.toBlob()).type'),
    name: 'modnet.onnx',
    file: 'selfie-segmentation/selfie-seg-landscape.onnx',
    picture: 'selfie-segmentation/sample-Test.jpg',
    says: /"image\/png"/,
  },
  {
    code: lineOf('real-esrgan.onnx', 'larger.width / picture.width, larger.height / picture.height'),
    name: 'real-esrgan.onnx',
    file: 'superres-espcn/superres-espcn.onnx',
    picture: 'mnist/digit-3.jpg',
    says: /^3 3$/,
  },
];

test.describe('on published networks', () => {
  test.skip(!existsSync(MODELS), NO_MODELS);

  for (const { code, name, file, picture, says } of PUBLISHED) {
    test(`the example that loads ${name} runs on ${file}`, async ({ page }) => {
      await openPage(page, { [name]: readFileSync(`${MODELS}/${file}`) });
      const { logged } = await run(page, code, readFileSync(`${MODELS}/${picture}`));
      expect(logged[0]).toMatch(says);
    });
  }
});
