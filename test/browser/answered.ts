import { test as base, expect, type Page } from '@playwright/test';
import { prepare } from './open-page';

/** What the page leaves for tests and scripts. */
export interface LastResult {
  readonly adapter: string;
  readonly classify: readonly { label: string; score: number }[];
  readonly detect: readonly { label: string; score: number; box: Box }[];
  readonly segment: { readonly classes: Readonly<Record<string, number>> };
  readonly timesMs: Readonly<Record<string, number>>;
}

export interface Box {
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** How often the page has called the GPU, by method. */
export type Calls = Record<(typeof COUNTED)[number], number>;

const COUNTED = [
  'submit',
  'copyExternalImageToTexture',
  'copyTextureToBuffer',
  'copyBufferToBuffer',
  'importExternalTexture',
  'getCurrentTexture',
] as const;

/** Compiling all shaders takes a busy machine's software adapter minutes. */
const LOADING_MS = 400_000;

/** The page with its networks loaded and a drawn sample answered. */
export class AnsweredPage {
  constructor(
    readonly page: Page,
    /** What the page has complained about since somebody last looked. */
    readonly problems: string[],
  ) {}

  /** How often the GPU was called so far. */
  calls(): Promise<Calls> {
    return this.page.evaluate(() => ({ ...(window as unknown as { gpuCalls: Calls }).gpuCalls }));
  }

  /** Waits until the picture of the moment is answered. */
  async result(): Promise<LastResult> {
    const read = (): Promise<LastResult | null> =>
      this.page.locator('#last-result').evaluate((element) => JSON.parse(element.textContent ?? 'null'));
    await expect.poll(read, { timeout: LOADING_MS - 10_000 }).not.toBeNull();
    await expect(this.page.locator('#answers')).not.toHaveAttribute('aria-busy', 'true');
    return (await read())!;
  }

  /** Where a pixel of the picture is in the stage, which shows the picture whole. */
  placeOf(x: number, y: number): Promise<{ x: number; y: number }> {
    return this.page.locator('#preview').evaluate(
      (canvas: HTMLCanvasElement, [px, py]) => {
        const scale = Math.min(canvas.clientWidth / canvas.width, canvas.clientHeight / canvas.height);
        const at = (size: number, pixels: number, pixel: number): number => (size - pixels * scale) / 2 + pixel * scale;
        return { x: at(canvas.clientWidth, canvas.width, px), y: at(canvas.clientHeight, canvas.height, py) };
      },
      [x, y] as const,
    );
  }

  /** Chooses a sample and waits for its answers. */
  async answerTo(name: string): Promise<LastResult> {
    const sample = this.page.locator(`#gallery button[data-name="${name}"]`);
    await sample.click();
    // A photograph is chosen once it has arrived.
    await expect(sample).toHaveAttribute('aria-pressed', 'true');
    return this.result();
  }
}

function countCalls(methods: readonly string[]): void {
  const calls: Record<string, number> = {};
  Object.assign(window, { gpuCalls: calls });
  for (const owner of [GPUQueue, GPUCommandEncoder, GPUDevice, GPUCanvasContext]) {
    for (const method of methods.filter((name) => name in owner.prototype)) {
      const original = Reflect.get(owner.prototype, method) as (...args: unknown[]) => unknown;
      calls[method] = 0;
      Reflect.set(owner.prototype, method, function (this: unknown, ...args: unknown[]) {
        calls[method]++;
        return original.apply(this, args);
      });
    }
  }
}

/** A camera of few pixels: a software adapter draws each of them for a long time. */
function smallCamera(): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = () => original({ video: { width: 320, height: 240 } });
}

/**
 * Loading and compiling take seconds on a software adapter: all tests that need the networks look at one page, one after
 * the other, and none may leave a complaint behind.
 */
export const test = base.extend<{ quiet: undefined }, { answered: AnsweredPage }>({
  answered: [
    async ({ browser }, use, { project }) => {
      const context = await browser.newContext({ baseURL: project.use.baseURL });
      const page = await context.newPage();
      const answered = new AnsweredPage(page, await prepare(page));
      await page.addInitScript(countCalls, COUNTED);
      await page.addInitScript(smallCamera);
      await page.goto('./#picture=stop+sign');
      await answered.result();
      await use(answered);
      await context.close();
    },
    { scope: 'worker', timeout: LOADING_MS },
  ],
  quiet: [
    async ({ answered }, use) => {
      await use(undefined);
      expect(answered.problems.splice(0)).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
