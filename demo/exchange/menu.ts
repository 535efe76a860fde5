import type { Preparation } from '../../src';
import { make, megabytes } from '../dom';
import { PUBLIC_NETWORKS } from '../own-network/public-networks';
import type { View } from './views';

interface Choices {
  /** The page's own network. */
  own(): void;
  /** A published network's name, or an address. */
  named(name: string): void;
  files(file: File, beside: readonly File[]): void;
  cancel(): void;
}

const FITS = { squash: 'squashed', crop: 'cropped', letterbox: 'between bars' } as const;

/** The menu of one place: which network answers there. */
export class Menu {
  readonly #details: HTMLDetailsElement;
  readonly #name: HTMLElement;
  readonly #choices: readonly HTMLButtonElement[];
  readonly #status = make('p', { class: 'status', role: 'status' });
  readonly #error = make('p', { class: 'own-error', role: 'alert', hidden: true });
  readonly #cancel = make('button', { type: 'button', hidden: true }, 'Cancel');
  readonly #views = make('select');
  readonly #about = make('p', { class: 'credit' });
  #title = '';

  constructor(place: string, choices: Choices) {
    this.#details = document.querySelector<HTMLDetailsElement>(`#${place} .exchange`)!;
    this.#name = this.#details.querySelector('.network-name')!;
    const choice = (name: string, about: string, choose: () => void): HTMLButtonElement => {
      const button = make('button', { type: 'button', 'data-network': name }, name, make('small', {}, about));
      button.addEventListener('click', choose);
      return button;
    };
    this.#choices = [
      choice('Fovea’s own', 'comes with the page', () => choices.own()),
      ...PUBLIC_NETWORKS.map(({ name, task, bytes }) =>
        choice(name, `finds ${task}, ${megabytes(bytes)}`, () => choices.named(name)),
      ),
    ];
    const list = make('div', { class: 'choices', role: 'group', 'aria-label': 'Networks' }, ...this.#choices);
    this.#cancel.addEventListener('click', () => choices.cancel());
    const gives = make('label', { class: 'gives', hidden: true }, 'Read as ', this.#views);
    this.#details.append(
      make('div', { class: 'toolbar doing' }, this.#status, this.#cancel),
      this.#error,
      gives,
      this.#about,
      list,
      fileChoice(choices),
      addressForm(choices),
    );
    this.#mark('Fovea’s own');
  }

  /** Something is being loaded. */
  busy(text: string): void {
    this.#details.setAttribute('aria-busy', 'true');
    this.#title = text;
    this.#status.textContent = text;
    this.#error.hidden = true;
    this.#cancel.hidden = false;
  }

  progress(loaded: number, total: number | undefined): void {
    this.#status.textContent = `${this.#title} ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''}`;
  }

  /** @param isFile whether a link cannot say which network it is */
  done(name: string, isFile: boolean): void {
    this.#idle();
    this.#mark(name);
    this.#status.textContent = isFile ? 'A link to this page leaves a file of your own out.' : '';
  }

  /** Says why nothing has changed. */
  failed(message: string): void {
    this.#idle();
    this.#status.textContent = '';
    this.#error.textContent = message;
    this.#error.hidden = false;
    this.#details.open = true;
  }

  own(): void {
    this.#idle();
    this.#mark('Fovea’s own');
    this.#status.textContent = '';
    this.#error.hidden = true;
    this.#about.textContent = '';
    this.#views.parentElement!.hidden = true;
  }

  /** What the network may be read as, and how it sees pictures. */
  offer(
    views: readonly View<unknown>[],
    chosen: View<unknown>,
    preparation: Preparation,
    choose: (view: View<unknown>) => void,
  ): void {
    this.#views.replaceChildren(...views.map(({ gives }, i) => make('option', { value: i }, gives)));
    this.#views.value = String(views.indexOf(chosen));
    this.#views.parentElement!.hidden = views.length < 2;
    this.#views.onchange = () => choose(views[Number(this.#views.value)]);
    const { size, fit, head, from } = preparation;
    const why = head ? `, its outputs read as “${head}” gives them (by ${from?.head})` : '';
    this.#about.textContent = `It sees pictures ${FITS[fit]} to ${size[1]} × ${size[0]} pixels${why}.`;
  }

  #idle(): void {
    this.#details.removeAttribute('aria-busy');
    this.#cancel.hidden = true;
  }

  #mark(name: string): void {
    this.#name.textContent = name;
    for (const button of this.#choices) button.setAttribute('aria-pressed', String(button.dataset.network === name));
  }
}

function fileChoice({ files }: Choices): HTMLElement {
  const input = make('input', {
    type: 'file',
    multiple: true,
    'aria-label': 'An ONNX file for this answer',
    hidden: true,
  });
  const button = make('button', { type: 'button' }, 'A file …');
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const chosen = [...(input.files ?? [])];
    const network = chosen.find(({ name }) => /\.(onnx|safetensors)$/i.test(name)) ?? chosen[0];
    if (network)
      files(
        network,
        chosen.filter((file) => file !== network),
      );
    input.value = '';
  });
  return make('p', { class: 'hint' }, button, input, ' Or drop an .onnx file on this card.');
}

function addressForm({ named }: Choices): HTMLElement {
  const input = make('input', {
    type: 'text',
    inputmode: 'url',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'https://raw.githubusercontent.com/….onnx',
    'aria-label': 'Web address of an .onnx file',
  });
  const form = make('form', { class: 'address' }, input, make('button', { type: 'submit' }, 'Use'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    named(input.value);
  });
  return form;
}
