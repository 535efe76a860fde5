import type { Picture } from '../../src';
import type { Networks } from '../answering';
import type { Answers } from '../cards/card';
import { byId, make, milliseconds, percent, pixelUnder, sized, stageIntoView } from '../dom';
import { divergingColor } from '../lid/diverging';
import { messageOf } from '../notices';
import type { Settings } from '../settings';
import { GREY, occlude } from './occlusion';
import { type Target, targetsOf } from './targets';

interface Page {
  answers(): Answers | undefined;
  networks(): Networks | undefined;
  settings(): Settings;
}

/** Says something where the user has asked, and on the map, which may be out of sight from there. */
const say = (text: string): void => {
  for (const id of ['why-text', 'why-here']) byId(id).textContent = text;
};

/** Asks a network for its reasons: by covering the picture place by place, or where the user erases it. */
export class WhyPanel {
  readonly #map = byId<HTMLCanvasElement>('why-map');
  #targets: readonly Target[] = [];
  /** The picture that the map is of. */
  #of: ImageBitmap | undefined;
  /** Counts what was begun: an older run ends. */
  #turn = 0;
  #erased: { readonly canvas: OffscreenCanvas; readonly before: Promise<number> } | undefined;
  #isScoring = false;
  /** Whether more was erased since the last run began. */
  #isStale = false;

  constructor(private readonly page: Page) {
    byId('why-run').addEventListener('click', () => void this.#run());
    byId('why-clear').addEventListener('click', () => this.#clear());
    byId('why-target').addEventListener('change', () => this.#clear());
    const erase = byId('why-erase');
    erase.addEventListener('click', () => this.#setErasing(erase.getAttribute('aria-pressed') !== 'true'));
    this.#map.addEventListener('pointerdown', (event) => {
      this.#map.setPointerCapture(event.pointerId);
      this.#erase(event);
    });
    this.#map.addEventListener('pointermove', (event) => {
      if (event.buttons > 0) this.#erase(event);
    });
  }

  /** The answers have changed: what may be asked changes with them. */
  follow(): void {
    const answers = this.page.answers();
    const labels = this.page.networks()?.places.classify?.task.labels;
    if (!answers || !labels) return;
    if (this.#of !== answers.bitmap) {
      this.#of = answers.bitmap;
      this.#clear();
    }
    const choice = byId<HTMLSelectElement>('why-target');
    const before = choice.value;
    this.#targets = targetsOf(answers, this.page.settings(), labels);
    choice.replaceChildren(...this.#targets.map(({ name }) => make('option', { value: name }, name)));
    if (this.#targets.some(({ name }) => name === before)) choice.value = before;
  }

  /** Runs the network of the chosen part of the answers on a picture, and says how sure it is. */
  get #task(): ((picture: Picture) => Promise<number>) | undefined {
    const target = this.#targets.find(({ name }) => name === byId<HTMLSelectElement>('why-target').value);
    const places = Object.values(this.page.networks()?.places ?? {});
    const task = target && places.find(({ card }) => card.name === target.task)?.task;
    return task && (async (picture) => target.score(await task.answer(picture)));
  }

  #clear(): void {
    this.#turn++;
    this.#erased = undefined;
    this.#setErasing(false);
    this.#map.hidden = true;
    byId('hero').classList.remove('explaining');
    say('');
  }

  /** Slides the patch, and paints every score as it comes. */
  async #run(): Promise<void> {
    const run = byId('why-run');
    if (run.getAttribute('aria-pressed') === 'true') {
      this.#turn++;
      return;
    }
    const [answers, scoreOf] = [this.page.answers(), this.#task];
    if (!answers || !scoreOf) {
      say('There is nothing to explain before a picture was answered.');
      return;
    }
    this.#clear();
    const turn = this.#turn;
    const side = Number(byId<HTMLSelectElement>('why-grid').value);
    const { width, height } = answers.pixels;
    const context = sized(this.#map, width, height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(width / side, 0, 0, height / side, 0, 0);
    this.#show();
    run.setAttribute('aria-pressed', 'true');
    run.textContent = 'Stop';
    const start = performance.now();
    try {
      const before = await scoreOf(answers.pixels);
      let [runs, least] = [1, before];
      for await (const { row, column, score } of occlude(answers.pixels, side, scoreOf)) {
        if (turn !== this.#turn) break;
        runs++;
        least = Math.min(least, score);
        const [red, green, blue] = divergingColor(before - score, Math.max(before, 1e-6));
        const strength = Math.min(1, Math.abs(before - score) / Math.max(before, 1e-6));
        context.fillStyle = `rgb(${red} ${green} ${blue} / ${0.15 + 0.7 * strength})`;
        context.fillRect(column, row, 1, 1);
        const ms = performance.now() - start;
        say(
          `${runs} of ${side * side + 1} runs in ${(ms / 1000).toFixed(1)} s, ${milliseconds(ms / runs)} each. ` +
            `${percent(before)} with everything in view, ${percent(least)} with the most important place covered.`,
        );
      }
    } catch (error) {
      if (turn === this.#turn) say(messageOf(error));
    } finally {
      run.setAttribute('aria-pressed', 'false');
      run.textContent = 'Explain';
    }
  }

  /** Lays the map over the picture. */
  #show(): void {
    this.#map.hidden = false;
    byId('hero').classList.add('explaining');
    stageIntoView();
  }

  #setErasing(on: boolean): void {
    byId('why-erase').setAttribute('aria-pressed', String(on));
    const [answers, task] = [this.page.answers(), this.#task];
    this.#map.classList.toggle('erasing', on);
    if (!on || !answers || !task) return;
    this.#turn++;
    const { width, height } = answers.pixels;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d', { willReadFrequently: true })!.putImageData(answers.pixels, 0, 0);
    this.#erased = { canvas, before: task(answers.pixels) };
    const context = sized(this.#map, width, height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#show();
    say('Draw over the picture, with mouse or finger: what you cover, the network does not see.');
  }

  #erase(event: PointerEvent): void {
    if (!this.#erased) return;
    const [x, y] = pixelUnder(this.#map, event);
    const radius = Math.max(this.#map.width, this.#map.height) / 16;
    for (const canvas of [this.#erased.canvas, this.#map]) {
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      context.fillStyle = GREY;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
    void this.#scoreErased();
  }

  /** The score of what is left of the picture; while one run is under way the next waits for the last stroke. */
  async #scoreErased(): Promise<void> {
    const [erased, task] = [this.#erased, this.#task];
    this.#isStale = true;
    if (!erased || !task || this.#isScoring) return;
    this.#isScoring = true;
    try {
      const before = await erased.before;
      while (this.#isStale && this.#erased === erased) {
        this.#isStale = false;
        const start = performance.now();
        const score = await task(erased.canvas);
        if (this.#erased !== erased) return;
        const time = milliseconds(performance.now() - start);
        say(`${percent(before)} with everything in view, ${percent(score)} now, in ${time}.`);
      }
    } catch (error) {
      say(messageOf(error));
    } finally {
      this.#isScoring = false;
    }
  }
}
