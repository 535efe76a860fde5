import type { Runner, SegmentationMask, VisionTask } from '../src';
import { CARDS } from './cards';
import type { Answers, Card, OpenPicture } from './cards/card';
import { mayTryAgain } from './gpu';
import type { Models } from './loading';
import { shrinkMask } from './masks';

/** Any card, whose result is only handed on. */
export const cards: readonly (Card<unknown> & { readonly name: string })[] = CARDS;

/** The page's networks on one runner, with the tasks that use them, by the tasks' names. */
export interface Networks {
  readonly models: Models;
  readonly runner: Runner;
  readonly tasks: Readonly<Record<string, VisionTask<unknown, unknown>>>;
}

interface Page {
  /** There is more to be seen: a picture, or the answer to the task of a name. */
  show(answers: Answers, task?: string): void;
  status(text: string): void;
  busy(on: boolean): void;
  /** A picture is answered by all tasks. */
  done(answers: Answers): Promise<void>;
  failed(error: unknown): void;
}

export async function loadNetworks(runner: Runner, models: Models): Promise<Networks> {
  const load = async ({ name, task }: (typeof cards)[number]) => [name, await task.load(runner, models[name])] as const;
  return { models, runner, tasks: Object.fromEntries(await Promise.all(cards.map(load))) };
}

/** Answers the picture of the page with each task, one after the other so that each has its own time. */
export class Answering {
  /** The answers to the picture that is shown. */
  answers: Answers | undefined;
  networks: Networks | undefined;
  /** Another picture that is to be shown, or the same one that is to be answered anew. */
  #wanted: OpenPicture | undefined;
  #current: OpenPicture | undefined;
  #busy = false;

  constructor(private readonly page: Page) {}

  get picture(): OpenPicture | undefined {
    return this.#current;
  }

  /** Shows a picture and answers it; the one before is left where it is. */
  async look(picture: OpenPicture): Promise<void> {
    this.#wanted = picture;
    await this.#answer();
  }

  /** Answers the picture that is shown, once there are networks, or on a new device. */
  async again(): Promise<void> {
    this.#wanted ??= this.#current;
    await this.#answer();
  }

  async #answer(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.page.busy(true);
    try {
      while (this.#wanted) {
        const picture = this.#wanted;
        this.#wanted = undefined;
        await this.#answerOne(picture).catch((error: unknown) => {
          if (mayTryAgain(error)) this.#wanted ??= picture;
          else this.page.failed(error);
        });
      }
    } finally {
      this.#busy = false;
      this.page.busy(false);
      this.page.status('');
    }
  }

  async #answerOne(picture: OpenPicture): Promise<void> {
    if (this.#current !== picture) this.#current?.bitmap.close();
    this.#current = picture;
    const { bitmap, pixels } = picture;
    let answers: Answers = { picture, bitmap, pixels, results: {}, timesMs: {}, mask: undefined };
    const show = (task?: string): void => {
      this.answers = answers;
      this.page.show(answers, task);
    };
    show();
    const { networks } = this;
    for (const [name, task] of Object.entries(networks?.tasks ?? {})) {
      this.page.status(networks!.runner.kind === 'gpu' ? 'Looking …' : `Computing on the CPU: ${name} …`);
      await breath();
      const start = performance.now();
      const result = await task.answer(bitmap);
      await breath();
      const timesMs: Answers['timesMs'] = { ...answers.timesMs, [name]: performance.now() - start };
      const mask = isMask(result) ? shrinkMask(result, pixels) : answers.mask;
      answers = { ...answers, results: { ...answers.results, [name]: result }, timesMs, mask };
      if (this.#wanted) return;
      await breath();
      show(name);
    }
    await breath();
    await this.page.done(answers);
  }
}

/** Lets the browser answer its user between two pieces of work. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const isMask = (result: unknown): result is SegmentationMask => Object(result).classes instanceof Uint8Array;
