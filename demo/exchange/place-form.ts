import type { AnyCard } from '../answering';
import type { Answers } from '../cards/card';
import { byId, make, percent } from '../dom';
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
      class: 'frame over still',
      'data-place': place,
      width: 1,
      height: 1,
      role: 'img',
      'aria-label': `${view.question} The answer, over the picture`,
    });
    // Where a camera runs, this one is as hidden as the others.
    this.#canvas.hidden = byId('boxes').hidden;
    byId('boxes').after(this.#canvas);
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
    if (result === undefined) this.#canvas.width = this.#canvas.height = 1;
    else this.view.paint?.(this.#canvas, result, answers, settings);
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
