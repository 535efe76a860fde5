import { type Detection, ImageSegmenter, ObjectDetector } from '../src';
import type { Pose } from '../src/tasks';
import type { Networks } from './answering';
import { type Answers, resultOf } from './cards/card';
import { heroUnit, thingsOf } from './cards/detect';
import { classColors, thingColor } from './cards/label-colors';
import { byId, make } from './dom';
import { paintBoxes, paintOver } from './drawing';
import type { Settings } from './settings';

interface Page {
  answers(): Answers | undefined;
  networks(): Networks | undefined;
  settings(): Settings;
  /** The answers in numbers. */
  results(answers: Answers): unknown;
}

/** Wires the buttons that take results away: files are downloaded, text is copied. */
export function setUpTaking(page: Page): void {
  const on = (id: string, take: (answers: Answers, settings: Settings) => Promise<string>): void => {
    byId(id).addEventListener('click', async () => {
      const answers = page.answers();
      const taking = answers ? take(answers, page.settings()) : Promise.resolve('There is no picture yet.');
      byId('taken').textContent = await taking.catch((error: unknown) => String(error));
    });
  };
  on('take-picture', async (answers, settings) =>
    save(await overlay(answers, settings), nameOf(answers, 'answers.png')),
  );
  on('take-cutout', async (answers) => {
    const cut = cutout(answers);
    return cut ? save(await png(cut), nameOf(answers, 'cutout.png')) : 'No pixel is of a thing that the network knows.';
  });
  on('take-mask', async (answers) => {
    const mask = resultOf(answers, ImageSegmenter);
    if (!mask) return 'The pixels are not named yet.';
    const canvas = new OffscreenCanvas(mask.width, mask.height);
    const colors = classColors(answers);
    canvas.getContext('2d')!.putImageData(
      mask.toImageData((index) => colors[index] ?? [0, 0, 0]),
      0,
      0,
    );
    return save(await png(canvas), nameOf(answers, 'mask.png'));
  });
  on('take-json', async (answers) => {
    const text = JSON.stringify(inPicturePixels(page.results(answers), answers), null, 2);
    return save(new Blob([text], { type: 'application/json' }), nameOf(answers, 'answers.json'));
  });
  on('take-link', () =>
    copy(location.href, 'The link is copied. It restores picture, settings, network, layer and pixel.'),
  );
  on('take-code', async (_, settings) => {
    const networks = page.networks();
    if (!networks) return 'The networks are not there yet.';
    const { snippet } = await import('./snippet');
    return copy(snippet(settings, networks), 'The code is copied. It does the same with the library.');
  });
}

/** `butterfly-mask.png`. */
function nameOf({ picture: { chosen } }: Answers, kind: string): string {
  const name = (/^https?:|^own-/.test(chosen.name) || !chosen.name ? chosen.credit : chosen.name)
    .split(/[/\\]/)
    .at(-1)!;
  const stem = name.replace(/\.\w+$/, '').replace(/[^\p{L}\p{N}]+/gu, '-');
  return `${stem || 'picture'}-${kind}`;
}

/** The picture with everything that is drawn over it. */
async function overlay(answers: Answers, settings: Settings): Promise<Blob> {
  const { bitmap, mask } = answers;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  if (mask && ['all', ImageSegmenter.task.name].includes(settings.view)) {
    const over = document.createElement('canvas');
    [over.width, over.height] = [mask.width, mask.height];
    paintOver(over.getContext('2d')!, mask.classes, classColors(answers), settings.opacity);
    context.drawImage(over, 0, 0, bitmap.width, bitmap.height);
  }
  if (['all', ObjectDetector.task.name].includes(settings.view)) {
    paintBoxes(context, thingsOf(answers, settings), bitmap, thingColor(answers), heroUnit(bitmap));
  }
  for (const over of document.querySelectorAll<HTMLCanvasElement>('.over')) {
    if (['all', over.dataset.place].includes(settings.view)) context.drawImage(over, 0, 0, bitmap.width, bitmap.height);
  }
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!)));
}

/** The picture without its background; undefined where there is nothing else. */
function cutout(answers: Answers): OffscreenCanvas | undefined {
  const mask = resultOf(answers, ImageSegmenter);
  if (!mask?.classes.some((index) => index > 0)) return undefined;
  const canvas = new OffscreenCanvas(mask.width, mask.height);
  const context = canvas.getContext('2d')!;
  context.putImageData(
    mask.toImageData(() => [0, 0, 0]),
    0,
    0,
  );
  context.globalCompositeOperation = 'source-in';
  context.drawImage(answers.bitmap, 0, 0, mask.width, mask.height);
  return canvas;
}

const png = (canvas: OffscreenCanvas): Promise<Blob> => canvas.convertToBlob({ type: 'image/png' });

/** Boxes in pixels of the picture itself, of which the page may have looked at a smaller copy. */
function inPicturePixels(results: unknown, { picture, bitmap }: Answers): unknown {
  const { width, height, chosen } = picture;
  const scale = width / bitmap.width;
  const inPicture = (thing: Detection & Partial<Pick<Pose, 'keypoints'>>): object =>
    'box' in Object(thing)
      ? {
          ...thing,
          box: Object.fromEntries(Object.entries(thing.box).map(([side, at]) => [side, at * scale])),
          ...(thing.keypoints && {
            keypoints: thing.keypoints.map((point) => ({ ...point, x: point.x * scale, y: point.y * scale })),
          }),
        }
      : thing;
  const scaled = Object.entries(results ?? {}).map(([name, result]) => [
    name,
    Array.isArray(result) ? result.map(inPicture) : result,
  ]);
  return {
    picture: { name: chosen.name, credit: chosen.credit, width, height },
    link: location.href,
    ...Object.fromEntries(scaled),
  };
}

function save(file: Blob, name: string): string {
  const link = make('a', { href: URL.createObjectURL(file), download: name });
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return `Saved as ${name}.`;
}

async function copy(text: string, done: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return done;
  } catch {
    return 'The browser does not let this page copy. Copy the address above instead.';
  }
}
