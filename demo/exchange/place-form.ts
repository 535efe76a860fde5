import type { AnyCard } from '../answering';
import type { Answers } from '../cards/card';
import { byId, make, percent } from '../dom';
import type { Size } from '../drawing';
import type { Settings } from '../settings';
import type { Control, View } from './views';

interface Page {
  settings(): Settings;
  change(changes: Partial<Settings>): void;
}

interface Slider {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  format(value: number): string;
}

const SLIDERS: Readonly<Record<Control, Slider>> = {
  topK: { name: 'Labels', low: 1, high: 10, step: 1, format: String },
  threshold: { name: 'Threshold', low: 0.05, high: 0.95, step: 0.01, format: percent },
  opacity: { name: 'Opacity', low: 0, high: 1, step: 0.01, format: percent },
};

/** A place's card while a network of another task answers there: its title, its list, its sliders, its layer of the picture. */
export class PlaceForm {
  readonly #article: HTMLElement;
  readonly #title: HTMLElement;
  readonly #time: HTMLElement;
  readonly #before: string;
  readonly #hidden: readonly HTMLElement[];
  readonly #body = make('div', { class: 'exchanged' });
  readonly #list: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #sliders: readonly (readonly [Control, HTMLInputElement, HTMLOutputElement])[];
  readonly #name: string;

  constructor(
    private readonly place: string,
    private readonly view: View<unknown>,
    page: Page,
  ) {
    this.#name = `${place}:${view.task.task.name}`;
    this.#article = byId(place);
    this.#title = byId(`${place}-title`);
    this.#before = this.#title.textContent!;
    this.#time = this.#article.querySelector('.time')!;
    this.#list = make(view.hasBars ? 'ol' : 'ul', { class: view.hasBars ? 'bars' : 'chips', 'aria-live': 'polite' });
    this.#sliders = view.controls.map((control) => slider(control, page));
    this.#body.append(this.#list, ...this.#sliders.map(([, input]) => input.parentElement!));
    this.#hidden = [...this.#article.children].filter(
      (child): child is HTMLElement => !child.matches('header, .exchange') && !(child as HTMLElement).hidden,
    );
    for (const part of this.#hidden) part.hidden = true;
    this.#title.textContent = view.question;
    this.#time.dataset.task = this.#name;
    this.#time.textContent = '';
    this.#article.querySelector('.exchange')!.before(this.#body);
    this.#canvas = make('canvas', {
      class: 'frame over',
      'data-place': place,
      width: 1,
      height: 1,
      role: 'img',
      'aria-label': `${view.question} The answer, over the picture`,
    });
    byId('live-view').after(this.#canvas);
  }

  /** The card for a network of this name. */
  card(network: string): AnyCard {
    const { view } = this;
    return {
      ...view,
      name: this.#name,
      network,
      uses: () => view.controls,
      list: (result, settings, labels, answers) => this.#show(result, settings, labels, answers),
      paint: (answers, settings) => this.#paint(answers, settings),
      paintFrame: (result, frame, settings) => this.#paintFrame(result, frame, settings),
    };
  }

  /** Gives the place back to its own card. */
  close(): void {
    this.#body.remove();
    this.#canvas.remove();
    for (const part of this.#hidden) part.hidden = false;
    this.#title.textContent = this.#before;
    this.#time.dataset.task = this.place;
    this.#time.textContent = '';
  }

  #show(result: unknown, settings: Settings, labels: readonly string[], answers: Answers | undefined): void {
    for (const [control, input, output] of this.#sliders) {
      input.valueAsNumber = settings[control];
      output.textContent = SLIDERS[control].format(settings[control]);
    }
    if (result === undefined) this.#list.replaceChildren();
    else this.view.list(this.#list, result, settings, labels, answers);
  }

  #paint(answers: Answers, settings: Settings): void {
    const result = answers.results[this.#name];
    this.#canvas.classList.remove('mirrored');
    if (result === undefined) this.#clear();
    else this.view.paint?.(this.#canvas, result, answers, settings);
  }

  /** Paints over a frame of a video. What the GPU draws there is not drawn again. */
  #paintFrame(result: unknown, frame: Size, settings: Settings): void {
    this.#canvas.classList.toggle('mirrored', byId('video').classList.contains('mirrored'));
    if (result === undefined || this.view.task.task.layer) this.#clear();
    else this.view.paint?.(this.#canvas, result, { bitmap: frame, pixels: frame, isNamed: false }, settings);
  }

  #clear(): void {
    this.#canvas.width = this.#canvas.height = 1;
  }
}

function slider(control: Control, page: Page): readonly [Control, HTMLInputElement, HTMLOutputElement] {
  const { name, low, high, step, format } = SLIDERS[control];
  const value = page.settings()[control];
  const input = make('input', { type: 'range', min: low, max: high, step, value });
  const output = make('output', {}, format(value));
  input.addEventListener('input', () => page.change({ [control]: input.valueAsNumber }));
  make('label', { class: 'slider' }, `${name} `, input, output);
  return [control, input, output];
}
